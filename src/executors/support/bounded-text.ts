/**
 * Texts for targets that limit their length. What people read is cut; what ties deliveries together must stay different
 * for different keys and equal for equal ones, so the rest of a long key becomes a hash.
 */
import { createHash } from "node:crypto";

/** At most `max` UTF-16 units, `…` included when cut; no code point is cut in two. */
export function cutText(text: string, max: number, mark = "…"): string {
  if (text.length <= max) return text;
  return wholeCodePoints(text.slice(0, max - mark.length)) + mark;
}

/** The key itself while it fits; else its beginning, `~` and 32 hex digits of the SHA-256 of the whole key. */
export function boundedKey(key: string, max: number): string {
  if (key.length <= max) return key;
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${wholeCodePoints(key.slice(0, max - 33))}~${hash}`;
}

const wholeCodePoints = (text: string): string => (/[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text);
