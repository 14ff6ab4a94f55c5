import type { Readable } from "node:stream";

/** The process as commands see it: the only place where the environment and the standard streams are read. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  out(text: string): void;
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Calls `run` at each signal; the returned function ends that. */
  onSignal(signal: "SIGTERM" | "SIGINT" | "SIGHUP", run: () => void): () => void;
  /** An error that nobody caught, anywhere in the process. */
  onCrash(run: (error: unknown) => void): () => void;
  /** Ends at once. */
  exit(code: number): void;
}

/** Colour only on a terminal; `NO_COLOR` and `TERM=dumb` switch it off there (no-color.org). */
export const wantsColour = (isTerminal: boolean, env: Host["env"]): boolean =>
  isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";

export function processHost(): Host {
  // A reader that went away (`squall replay | head`) ends the program as it ends others: without a word.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    onSignal(signal, run) {
      process.on(signal, run);
      return () => void process.off(signal, run);
    },
    onCrash(run) {
      process.on("uncaughtException", run);
      process.on("unhandledRejection", run);
      return () => {
        process.off("uncaughtException", run);
        process.off("unhandledRejection", run);
      };
    },
    exit: (code) => process.exit(code),
  };
}
