/** The levels of alerts, mildest first (alerting.md, Life). */
export const SEVERITY_LEVELS = ["info", "notice", "warning", "error", "critical"] as const;
export type SeverityLevel = (typeof SEVERITY_LEVELS)[number];

/** Of a syslog (and Sysdig) number, 0 worst to 7 mildest; undefined for anything else. */
export function levelOfSyslog(severity: unknown): SeverityLevel | undefined {
  if (typeof severity !== "number" || !Number.isInteger(severity) || severity < 0 || severity > 7) return undefined;
  return (["critical", "critical", "critical", "error", "warning", "notice", "info", "info"] as const)[severity];
}
