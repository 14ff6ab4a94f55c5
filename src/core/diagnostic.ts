/** One positioned problem in a configuration file. Core reports problems by path; `config` adds file, line, column. */

export type Severity = "error" | "warning";
/** Where in a document: object keys and array indexes from its root. */
export type DocumentPath = readonly (string | number)[];

export interface Issue {
  readonly severity: Severity;
  /** Stable, kebab-case: "unknown-key", "bad-regex" … */
  readonly code: string;
  readonly path: DocumentPath;
  /** What is wrong and what was found, lower case, no full stop. */
  readonly message: string;
  /** What would be accepted. */
  readonly accepted?: string;
  /** A likely intended spelling ("did you mean …"). */
  readonly suggestion?: string;
}

export interface Diagnostic extends Issue {
  /** Relative to the configuration folder. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** Collects issues under a path prefix; the shared way to report every mistake instead of the first. */
export interface IssueSink {
  readonly path: DocumentPath;
  error(code: string, message: string, more?: { accepted?: string; suggestion?: string }): void;
  warning(code: string, message: string, more?: { accepted?: string; suggestion?: string }): void;
  at(...path: (string | number)[]): IssueSink;
}

export function issueSink(issues: Issue[], path: DocumentPath = []): IssueSink {
  const report =
    (severity: Severity): IssueSink["error"] =>
    (code, message, more) => {
      issues.push({ severity, code, path, message, ...more });
    };
  return {
    path,
    error: report("error"),
    warning: report("warning"),
    at: (...more) => issueSink(issues, [...path, ...more]),
  };
}
