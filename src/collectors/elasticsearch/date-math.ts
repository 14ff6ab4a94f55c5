/**
 * Index names with a date in them: `<logs-{now/d}>`, `<logs-{now-1d/d{yyyy.MM|+02:00}}-000001>`. Inside the angle
 * brackets `{…}` is a date, `\` takes the meaning from the next character. What is not understood is left as it is:
 * the name is only a label here.
 */
const MATH = /^now((?:[+-]\d+[yMwdhHms])*)(?:\/([yMwdhHms]))?(?:\{([^{}|]*)(?:\|([^{}]*))?\})?$/;

export function resolveIndexName(name: string, nowMs: number): string {
  if (!name.startsWith("<") || !name.endsWith(">")) return name;
  let result = "";
  const inner = name.slice(1, -1);
  for (let at = 0; at < inner.length; at++) {
    const character = inner[at]!;
    if (character === "\\") result += inner[++at] ?? "";
    else if (character !== "{") result += character;
    else {
      const end = closing(inner, at);
      const date = end < 0 ? undefined : dateOf(inner.slice(at + 1, end), nowMs);
      if (date === undefined) return name;
      result += date;
      at = end;
    }
  }
  return result;
}

/** A date may have a format in braces of its own. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

function dateOf(expression: string, nowMs: number): string | undefined {
  const parts = MATH.exec(expression);
  const offsetMs = parts ? zoneOffset(parts[4]) : undefined;
  if (!parts || offsetMs === undefined) return undefined;
  const date = new Date(nowMs + offsetMs);
  for (const [, amount, unit] of parts[1]!.matchAll(/([+-]\d+)([yMwdhHms])/g)) shift(date, Number(amount), unit!);
  if (parts[2] !== undefined) roundDown(date, parts[2]);
  return Number.isNaN(date.getTime()) ? undefined : format(date, parts[3] ?? "yyyy.MM.dd");
}

/** Milliseconds east of Greenwich. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "UTC" || zone === "Z") return 0;
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!parts) return undefined;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return (parts[1] === "-" ? -minutes : minutes) * 60_000;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  H: 3_600_000,
  m: 60_000,
  s: 1000,
};

function shift(date: Date, amount: number, unit: string): void {
  if (unit === "y") date.setUTCFullYear(date.getUTCFullYear() + amount);
  else if (unit === "M") date.setUTCMonth(date.getUTCMonth() + amount);
  else date.setTime(date.getTime() + amount * UNIT_MS[unit]!);
}

function roundDown(date: Date, unit: string): void {
  if (unit === "s") date.setUTCMilliseconds(0);
  else if (unit === "m") date.setUTCSeconds(0, 0);
  else if (unit === "h" || unit === "H") date.setUTCMinutes(0, 0, 0);
  else {
    date.setUTCHours(0, 0, 0, 0);
    if (unit === "w") date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7)); // weeks begin on Monday
    if (unit === "M" || unit === "y") date.setUTCDate(1);
    if (unit === "y") date.setUTCMonth(0);
  }
}

function format(date: Date, pattern: string): string | undefined {
  const fields: Readonly<Record<string, number>> = {
    y: date.getUTCFullYear(),
    u: date.getUTCFullYear(),
    M: date.getUTCMonth() + 1,
    d: date.getUTCDate(),
    H: date.getUTCHours(),
    h: date.getUTCHours() % 12 || 12,
    m: date.getUTCMinutes(),
    s: date.getUTCSeconds(),
  };
  let understood = true;
  const text = pattern.replace(/([A-Za-z])\1*/g, (letters) => {
    const field = fields[letters[0]!];
    if (field === undefined) understood = false;
    const digits = String(field).padStart(letters.length, "0");
    return letters.length === 2 ? digits.slice(-2) : digits;
  });
  return understood ? text : undefined;
}
