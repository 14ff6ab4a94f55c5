/**
 * The last net under secrets: whoever reports something about a value that came from a variable or a file may quote it,
 * or a part of it; then the message says only where the value came from.
 */
import type { IssueSink } from "../../core/diagnostic.ts";
import type { References } from "./references.ts";

/** Long enough to be part of a secret, and too long to be there by chance. */
const TELLING = 4;
const LOOKED_AT = 4096;

/** `references` are those of the whole document. */
export function guardedIssues(issues: IssueSink, references: References): IssueSink {
  const report =
    (severity: "error" | "warning"): IssueSink["error"] =>
    (code, message, more = {}) => {
      const written = references.at(issues.path);
      const value = references.valueAt(issues.path) ?? "";
      const { accepted, suggestion } = more;
      if (written === undefined || ![message, accepted, suggestion].some((text) => tells(text, value)))
        return issues[severity](code, message, more);
      issues[severity](
        code,
        `the value of ${written} is not accepted`,
        accepted === undefined || tells(accepted, value) ? {} : { accepted },
      );
    };
  return {
    path: issues.path,
    error: report("error"),
    warning: report("warning"),
    at: (...path) => guardedIssues(issues.at(...path), references),
  };
}

function tells(text: string | undefined, value: string): boolean {
  if (text === undefined || value === "") return false;
  if (value.length <= TELLING) return text.includes(value);
  for (let at = 0; at + TELLING <= Math.min(value.length, LOOKED_AT); at++)
    if (text.includes(value.slice(at, at + TELLING))) return true;
  return false;
}
