/**
 * Runs one program without a shell, in a process group of its own, so that what it starts ends with it. When it must
 * stop, the group gets SIGTERM, and SIGKILL half a second later or as soon as the program itself has ended.
 */
import { spawn, type ChildProcess } from "node:child_process";
import type { Clock } from "../../component/clock.ts";
import { err, ok, type Result } from "../../core/result.ts";

export interface Program {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly timeoutMs: number;
}

export interface ProgramEnd {
  /** Null: ended by a signal. */
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** Why it was stopped; null: it ended by itself. */
  readonly stopped: "timeout" | "aborted" | null;
}

const KILL_AFTER_MS = 500;
/** A process left in the background may hold standard error open; what has not come by then is not waited for. */
const DRAIN_MS = 200;
const MAX_STDERR = 65_536;

/** The error is the system's, with its `code`: the program was not started. */
export async function runProcess(
  program: Program,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Result<ProgramEnd, NodeJS.ErrnoException>> {
  let child: ChildProcess;
  try {
    child = spawn(program.file, program.args, {
      detached: true,
      shell: false,
      env: { ...program.env },
      stdio: ["pipe", "ignore", "pipe"],
    });
  } catch (error) {
    return err(error as NodeJS.ErrnoException); // spawn throws system errors and ERR_INVALID_ARG_VALUE, both with a code
  }
  let stopped: ProgramEnd["stopped"] = null;
  let cancelKill = (): void => undefined;
  const stop = (why: "timeout" | "aborted"): void => {
    if (stopped !== null) return;
    stopped = why;
    killGroup(child, "SIGTERM");
    cancelKill = clock.after(KILL_AFTER_MS, () => killGroup(child, "SIGKILL"));
  };
  const onAbort = (): void => stop("aborted");
  const cancelTimeout = clock.after(program.timeoutMs, () => stop("timeout"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();

  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < MAX_STDERR) stderr += text;
  });
  // A program need not read what it is given.
  child.stdin?.on("error", () => undefined).end(program.stdin);

  let cancelDrain = (): void => undefined;
  try {
    return await new Promise((resolve) => {
      child.once("error", (error) => resolve(err(error)));
      child.once("exit", (status, ended) => {
        if (stopped !== null) killGroup(child, "SIGKILL");
        const finish = (): void => resolve(ok({ status, signal: ended, stderr, stopped }));
        child.once("close", finish);
        cancelDrain = clock.after(DRAIN_MS, finish);
      });
    });
  } finally {
    cancelDrain();
    cancelKill();
    cancelTimeout();
    signal.removeEventListener("abort", onAbort);
    child.stdin?.destroy();
    child.stderr?.destroy();
  }
}

function killGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
