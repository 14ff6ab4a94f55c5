import { Readable } from "node:stream";
import type { Host } from "../../src/app/host.ts";

export interface TestHost extends Host {
  /** What was written so far. */
  readonly written: { out: string; err: string };
  readonly exits: number[];
  /** Sends a signal to whoever listens; how many that were. */
  signal(name: "SIGTERM" | "SIGINT" | "SIGHUP"): number;
  crash(error: unknown): void;
}

/** A process for commands that is none. */
export function testHost(
  options: { cwd?: string; env?: Host["env"]; stdin?: string; terminal?: boolean } = {},
): TestHost {
  const written = { out: "", err: "" };
  const exits: number[] = [];
  const listeners = new Map<string, Set<() => void>>();
  const crashes = new Set<(error: unknown) => void>();
  return {
    written,
    exits,
    env: options.env ?? {},
    cwd: options.cwd ?? "/",
    stdin: Readable.from([options.stdin ?? ""]),
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    outIsTerminal: options.terminal ?? false,
    errIsTerminal: options.terminal ?? false,
    onSignal(name, run) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(run));
      return () => void all.delete(run);
    },
    onCrash(run) {
      crashes.add(run);
      return () => void crashes.delete(run);
    },
    exit: (code) => void exits.push(code),
    signal(name) {
      const all = [...(listeners.get(name) ?? [])];
      for (const run of all) run();
      return all.length;
    },
    crash(error) {
      for (const run of crashes) run(error);
    },
  };
}
