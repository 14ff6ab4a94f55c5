/** Days and times of day in a week that repeats. Days are numbered from Sunday, 0, as Date does. */
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** 1 January 1970 was a Thursday. */
const EPOCH_DAY = 4;

export interface WeeklyRange {
  readonly days: ReadonlySet<number>;
  /** Minutes from midnight; `from` is inside, `to` is not. */
  readonly from: number;
  readonly to: number;
}

/** `mon`, `mon-fri`, `sat-mon`; null: the text is neither. */
export function parseDays(text: string): ReadonlySet<number> | null {
  const [first = "", last = first, ...more] = text.toLowerCase().split("-");
  const [start, end] = [DAYS.indexOf(first.trim()), DAYS.indexOf(last.trim())];
  if (start < 0 || end < 0 || more.length > 0) return null;
  const length = (end - start + 7) % 7;
  return new Set(Array.from({ length: length + 1 }, (_, at) => (start + at) % 7));
}

/** `08:00` → 480; null: the text is no time of day. `24:00` is the end of the day. */
export function parseMinutes(text: string): number | null {
  const parts = /^(\d\d?):([0-5]\d)$/.exec(text);
  const minutes = parts === null ? Infinity : Number(parts[1]) * 60 + Number(parts[2]);
  return minutes <= DAY_MINUTES ? minutes : null;
}

/** `localMs`: what the clock on the wall shows, as milliseconds since 1970 began on it. */
export function isInWeek(localMs: number, { days, from, to }: WeeklyRange): boolean {
  const midnight = Math.floor(localMs / DAY_MS);
  const day = (((midnight + EPOCH_DAY) % 7) + 7) % 7;
  const minute = (localMs - midnight * DAY_MS) / MINUTE_MS;
  if (from < to) return days.has(day) && minute >= from && minute < to;
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to);
}
