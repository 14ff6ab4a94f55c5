/** The real command in a child process, on real sockets, for acceptance tests and benchmarks. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Pool } from "undici";

/** Folder of configuration files: relative path → text, or a value written as JSON (which is YAML). */
export function configFolder(files: Readonly<Record<string, unknown>>): {
  readonly dir: string;
  write(file: string, content: unknown): void;
  remove(): void;
} {
  const dir = mkdtempSync(join(tmpdir(), "squall-"));
  const write = (file: string, content: unknown): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), typeof content === "string" ? content : JSON.stringify(content, null, 1));
  };
  for (const [file, content] of Object.entries(files)) write(file, content);
  return { dir, write, remove: () => removeFolder(dir) };
}

/** Who wrote in it may write a last time meanwhile. */
export const removeFolder = (dir: string): void =>
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });

/**
 * A port nobody listens on at the moment, for who must know it before it listens. It is below those that the kernel gives
 * to outgoing connections, and to who listens on port 0: one of those could be taken before it is used, or while a process
 * is started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = candidates.next().value;
    if (await isFree(port)) return port;
  }
}

/** One after the other, from somewhere: whoever asks again is not given the same while nobody listens on it yet. */
const candidates = (function* (): Generator<number, never> {
  for (let at = Math.floor(Math.random() * 8000); ; at++) yield 10_000 + (at % 8000);
})();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export interface SquallProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminUrl: string;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Resolves with the exit code (or the signal's name). */
  readonly exited: Promise<number | NodeJS.Signals>;
  stop(): Promise<number | NodeJS.Signals>;
  kill(): Promise<number | NodeJS.Signals>;
}

export interface ServeOptions {
  readonly dir: string;
  readonly port: number;
  readonly adminPort: number;
  readonly set?: readonly string[];
  /** Put before the command, such as `strace …`. */
  readonly prefix?: readonly string[];
  readonly entry?: string;
}

/** Starts `squall serve` and waits until it is ready (or has ended: then throws with its output). */
export async function serve(options: ServeOptions): Promise<SquallProcess> {
  const sets = [`ingest.port=${options.port}`, `admin.port=${options.adminPort}`, ...(options.set ?? [])];
  const args = [
    options.entry ?? "bin/squall.mjs",
    "serve",
    "--config-dir",
    options.dir,
    ...sets.flatMap((set) => ["--set", set]),
  ];
  const [command, ...rest] = [...(options.prefix ?? []), process.execPath, ...args];
  const child = spawn(command!, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let ended = false;
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once("exit", (code, signal) => {
      ended = true;
      resolve(code ?? signal ?? 1);
    }),
  );
  const url = `http://127.0.0.1:${options.port}`;
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    if (!ended) child.kill(signal);
    return exited;
  };
  const process_: SquallProcess = {
    child,
    url,
    adminUrl: `http://127.0.0.1:${options.adminPort}`,
    output: () => output,
    exited,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
  const pool = new Pool(url, { connections: 1, connectTimeout: 1000 });
  try {
    await until(async () => {
      if (ended) throw new Error(`squall serve ended: ${await exited}\n${output}`);
      const answer = await pool.request({ method: "GET", path: "/health/ready" }).catch(() => null);
      await answer?.body.dump();
      return answer?.statusCode === 200;
    });
  } catch (error) {
    await end("SIGKILL");
    throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
  } finally {
    await pool.destroy();
  }
  return process_;
}

/** How long what other processes do may take when the machine has other work: seconds, where nobody else has any. */
const PATIENCE_MS = 240_000;

/** Asks every 20 ms until true; throws after `limitMs`. For things outside this process, which no clock of ours moves. */
export async function until(holds: () => Promise<boolean> | boolean, limitMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`did not become true within ${limitMs} ms: ${holds.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
