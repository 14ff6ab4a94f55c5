/** The number in angle brackets that a syslog message begins with: facility × 8 + severity, 0 to 191. */

/** RFC 5424, 6.2.1, by the names that syslogd uses; 12 to 15 have none there. */
const FACILITIES =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7".split(
    " ",
  );
const SEVERITIES = "emerg alert crit err warning notice info debug".split(" ");

export interface Priority {
  readonly priority: number;
  readonly facility: number;
  readonly facility_name: string;
  readonly severity: number;
  readonly severity_name: string;
}

/** user.notice: what a message without a priority has (RFC 3164, 4.3.3). */
export const DEFAULT_PRIORITY = 13;

export function priorityOf(priority: number): Priority {
  const facility = priority >> 3;
  const severity = priority & 7;
  return {
    priority,
    facility,
    facility_name: FACILITIES[facility]!,
    severity,
    severity_name: SEVERITIES[severity]!,
  };
}

/** What stands before the rest; null: the text does not begin with a priority. */
export function readPriority(text: string): { readonly priority: number; readonly end: number } | null {
  const found = /^<(0|[1-9]\d{0,2})>/.exec(text);
  const priority = Number(found?.[1]);
  return found && priority <= 191 ? { priority, end: found[0].length } : null;
}
