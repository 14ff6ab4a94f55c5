/**
 * Durations and sizes as people write them: `10s`, `1h30m`, `500ms`, `7d`; `5mb`, `64 KB`, `2gb`, `"5242880"`.
 * Units of size are powers of 1024, as in Tornado. A bare number is milliseconds or bytes.
 */
const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const SIZE_LETTERS = "bkmgtpe";

/** Milliseconds, or `undefined` if the text is no duration. */
export function parseDuration(text: string | number): number | undefined {
  if (typeof text === "number") return text >= 0 && Number.isFinite(text) ? text : undefined;
  const trimmed = text.trim().toLowerCase();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$/.test(trimmed)) return undefined;
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)/g))
    total += Number(count) * MS[unit!]!;
  return Math.round(total);
}

/** Bytes, or `undefined` if the text is no size. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === "number") return text >= 0 && Number.isInteger(text) ? text : undefined;
  const parts = /^(\d+(?:\.\d+)?)\s*(?:([kmgtpe])(?:i?b)?|b)?$/i.exec(text.trim());
  if (!parts) return undefined;
  const power = parts[2] ? SIZE_LETTERS.indexOf(parts[2].toLowerCase()) : 0;
  return Math.round(Number(parts[1]) * 1024 ** power);
}

/** The two largest units: `1h30m`, `5s`, `250ms`. Sub-units are cut, not rounded. */
export function printDuration(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ];
  const first = units.findIndex(([, size]) => ms >= size);
  if (first < 0) return "0ms";
  let rest = Math.floor(ms);
  let text = "";
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest %= size;
  }
  return text;
}
