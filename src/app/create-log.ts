/**
 * The log: JSON lines, or readable ones on a terminal, on standard error; standard output is for what a person or a
 * script reads (the first lines of `serve`, the output of commands).
 */
import { pino } from "pino";
import type { Logger } from "../component/logger.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "json" | "pretty";
  readonly colour: boolean;
}

/** Secrets are a type that prints as `***`; this is the second net, for names that hold credentials by custom. */
const REDACTED = ["token", "password", "authorization", "api_key", "apikey", "secret", "cookie"];

export async function createLog(options: LogOptions, write: (text: string) => void): Promise<Logger> {
  const stream = options.format === "pretty" ? await prettyStream(options.colour, write) : { write };
  const logger: Logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "***" },
    },
    stream,
  );
  return logger;
}

async function prettyStream(colour: boolean, write: (text: string) => void) {
  const { prettyFactory } = await import("pino-pretty");
  const print = prettyFactory({ colorize: colour, translateTime: "SYS:HH:MM:ss.l", singleLine: true });
  return { write: (line: string) => write(print(line)) };
}
