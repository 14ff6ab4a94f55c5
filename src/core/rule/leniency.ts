/**
 * What does not run is checked as far as Tornado checks it: in an inactive rule only the shape must be right, below an
 * inactive node also the names. Every other mistake there is a warning.
 */
import type { IssueSink } from "../diagnostic.ts";

export type Leniency = "none" | "below-inactive" | "inactive-rule" | "everything";

const SHAPE = [
  "wrong-type",
  "missing-key",
  "unknown-key",
  "too-many-keys",
  "unknown-operator",
  "unknown-modifier",
  "unknown-node-type",
  "stateful-rule",
];
const NAMES = ["bad-name", "missing-name", "duplicate-name", "nested-iterator", "unknown-ruleset"];

const STILL_ERRORS: Readonly<Record<Leniency, ReadonlySet<string>>> = {
  none: new Set(),
  "below-inactive": new Set([...SHAPE, ...NAMES]),
  "inactive-rule": new Set(SHAPE),
  everything: new Set(),
};

/** A sink that turns into warnings what the leniency forgives. */
export function lenient(issues: IssueSink, leniency: Leniency): IssueSink {
  if (leniency === "none") return issues;
  const errors = STILL_ERRORS[leniency];
  return {
    path: issues.path,
    error: (code, message, more) => issues[errors.has(code) ? "error" : "warning"](code, message, more),
    warning: (code, message, more) => issues.warning(code, message, more),
    at: (...path) => lenient(issues.at(...path), leniency),
  };
}
