/**
 * Our levels in the words of a target. VictorOps knows CRITICAL, WARNING and INFO; Icinga the states 0 OK, 1 WARNING,
 * 2 CRITICAL (3 UNKNOWN is no severity); Opsgenie P1 to P5; PagerDuty and syslog their own scales.
 */
import type { Json } from "../../json.ts";
import { err, ok } from "../../result.ts";
import { suggest } from "../../suggest.ts";
import { textArguments, type Filter } from "./filter.ts";

const LEVELS = ["info", "notice", "warning", "error", "critical"];
const TARGETS: ReadonlyMap<string, readonly Json[]> = new Map<string, readonly Json[]>([
  ["victorops", ["INFO", "INFO", "WARNING", "CRITICAL", "CRITICAL"]],
  ["pagerduty", ["info", "info", "warning", "error", "critical"]],
  ["opsgenie", ["P5", "P4", "P3", "P2", "P1"]],
  ["icinga", [0, 0, 1, 2, 2]],
  ["syslog", [6, 5, 4, 3, 2]],
]);

export const severity: Filter = {
  name: "severity",
  usage: "severity('victorops' | 'pagerduty' | 'opsgenie' | 'icinga' | 'syslog')",
  summary: "A level (info, notice, warning, error, critical) as the target names it.",
  prepare(args) {
    const target = textArguments(args, 1);
    if (!target.ok) return err(target.error);
    const scale = TARGETS.get(target.value[0]!);
    if (scale) return ok((value) => (typeof value === "string" ? scale[LEVELS.indexOf(value)] : undefined));
    const suggestion = suggest(target.value[0]!, TARGETS.keys());
    return err(
      `knows no target "${target.value[0]}"${suggestion === undefined ? "" : `, did you mean "${suggestion}"`}`,
    );
  },
};
