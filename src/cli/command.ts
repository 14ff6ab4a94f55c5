import type { Command } from "commander";
import type { Host } from "../app/host.ts";

export interface CommandContext {
  readonly host: Host;
  /** Sets the exit code. */
  readonly end: (exitCode: number) => void;
}

/** Adds one command with its options; what it needs to run is imported only when it runs. */
export type AddCommand = (program: Command, context: CommandContext) => void;
