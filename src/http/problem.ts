/** AppError and everything else that is thrown → problem documents (RFC 9457), and back. */
import { AppError, ERROR_CODES, type ErrorCode } from "../component/app-error.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Problem } from "./contract/problem.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** The text of an unknown error is for the log, never for the answer. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof AppError)) return problemFor("internal", ERROR_CODES.internal.meaning);
  return { ...problemFor(error.code, error.message), ...diagnosticsOf(error.cause) };
}

export function problemFor(code: ErrorCode, detail: string): Problem {
  const { status, meaning } = ERROR_CODES[code];
  return { type: `urn:squall:problem:${code}`, title: meaning, status, detail, code };
}

/** The cause of an AppError `configuration` that was found in files. */
export class ConfigurationErrors extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(`${diagnostics.length} problems`);
    this.diagnostics = diagnostics;
  }
}

/** What the client makes of an error answer. */
export function errorOfProblem(found: Partial<Problem>, status: number): AppError {
  const code = found.code !== undefined && Object.hasOwn(ERROR_CODES, found.code) ? (found.code as ErrorCode) : null;
  const detail = found.detail ?? `the server answered with status ${status}`;
  const cause =
    found.diagnostics === undefined ? undefined : new ConfigurationErrors(found.diagnostics as Diagnostic[]);
  return new AppError(code ?? codeOfStatus(status), detail, { cause });
}

const codeOfStatus = (status: number): ErrorCode =>
  (Object.keys(ERROR_CODES) as ErrorCode[]).find((code) => ERROR_CODES[code].status === status) ?? "internal";

const diagnosticsOf = (cause: unknown): Pick<Problem, "diagnostics"> =>
  cause instanceof ConfigurationErrors
    ? { diagnostics: cause.diagnostics.map(({ path, ...rest }) => ({ ...rest, path: [...path] })) }
    : {};
