import { levelOfSyslog, type SeverityLevel } from "../core/event/severity.ts";

/** The names of syslog's severities, worst first, with the spellings that Falco and Prometheus rules use. */
const NAMES: readonly (readonly string[])[] = [
  ["emergency", "emerg"],
  ["alert"],
  ["critical", "crit"],
  ["error", "err"],
  ["warning", "warn"],
  ["notice"],
  ["informational", "information", "info"],
  ["debug"],
];

/** Level of a severity's name, in any case; undefined for every other text. */
export function levelOfName(name: string | undefined): SeverityLevel | undefined {
  const lower = name?.toLowerCase();
  const number = NAMES.findIndex((names) => lower !== undefined && names.includes(lower));
  return levelOfSyslog(number);
}
