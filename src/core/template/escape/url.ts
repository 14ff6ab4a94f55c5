/**
 * URLs of requests. A placeholder is one path segment (or a part of one), a query name or value, or a part of the fragment:
 * percent-encoded but for unreserved characters, so that it can neither add a segment nor a parameter. A segment that
 * would become `.` or `..` (also as `%2e`, which URL parsers take for a dot) is neutralised: its dots are encoded twice.
 * Scheme, credentials, host and port must be written out; a whole URL taken from an event is refused.
 */
import type { Expression } from "../expression.ts";
import { percentEncode } from "../percent-encode.ts";
import { weave, type CodeEscape } from "./code-escape.ts";

/** Up to and with the character that ends the host. White space and control characters are not left to URL parsers. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/\\?#\s\u0000-\u0020]+[/\\?#]/i;

export const url: CodeEscape = {
  kind: "url",
  compile(parts, { allowDynamicCode, issues }) {
    const first = parts[0];
    const expressions = parts.filter((part) => typeof part !== "string");
    if (typeof first === "string" && ORIGIN.test(first)) return (texts) => fill(parts, texts);
    if (allowDynamicCode)
      return weave(
        parts,
        expressions.map(() => (text: string) => text),
      );
    for (const expression of expressions.slice(0, 1))
      issues.error("dynamic-code", `${expression.source} stands in the scheme or host of a URL, or is all of it`, {
        accepted: "https://host/path/${…}?name=${…}; else allow_dynamic_code: true on the executor",
      });
    return null;
  },
};

/** Joins the parts, watching where path segments begin and end. */
function fill(parts: readonly (string | Expression)[], texts: readonly string[]): string {
  let done = "";
  let segment = "";
  let filled = false;
  let inPath = true;
  const endSegment = (): void => {
    done += inPath && filled && isDots(segment) ? segment.replace(/\.|%2e/gi, "%252E") : segment;
    segment = "";
    filled = false;
  };
  let next = 0;
  for (const [index, part] of parts.entries()) {
    if (typeof part !== "string") {
      segment += percentEncode(texts[next++]!);
      filled = true;
      continue;
    }
    const origin = index === 0 ? ORIGIN.exec(part)![0] : "";
    done += origin;
    if (origin !== "" && !/[/\\]$/.test(origin)) inPath = false;
    for (const c of part.slice(origin.length)) {
      if (inPath && /[/\\?#]/.test(c)) {
        endSegment();
        done += c;
        inPath = c === "/" || c === "\\";
      } else {
        segment += c;
      }
    }
  }
  endSegment();
  return done;
}

const isDots = (segment: string): boolean => /^(\.|%2e){1,2}$/i.test(segment);
