/**
 * Finds the expressions of a template: `${`, at least one character, `}`.
 *
 * A `}` inside quotes does not end an expression: `"` anywhere, `'` only where an operand or a filter argument starts
 * (`it's` is an ordinary key). Where quotes do not close, the first `}` ends it, as in Tornado, and the parser of
 * expressions reports what is wrong. `${}` and a `${` that never closes are text. There is no escape; `${'${'}` writes `${`.
 */
export type ScannedPart = string | { readonly inside: string };

export function scanTemplate(source: string): readonly ScannedPart[] {
  const parts: ScannedPart[] = [];
  let textFrom = 0;
  let at = source.indexOf("${");
  while (at >= 0) {
    const end = endOfExpression(source, at + 2);
    if (end < 0) {
      if (source.indexOf("}", at + 2) < 0) break;
      at = source.indexOf("${", at + 2);
      continue;
    }
    if (at > textFrom) parts.push(source.slice(textFrom, at));
    parts.push({ inside: source.slice(at + 2, end) });
    textFrom = end + 1;
    at = source.indexOf("${", textFrom);
  }
  if (textFrom < source.length) parts.push(source.slice(textFrom));
  return parts;
}

/** Position of the closing brace; −1: there is none, or nothing before it. */
function endOfExpression(source: string, from: number): number {
  if (source[from] === "}") return -1;
  const quoted = endOutsideQuotes(source, from);
  return quoted >= 0 ? quoted : source.indexOf("}", from);
}

function endOutsideQuotes(source: string, from: number): number {
  let operandStarts = true;
  let inFilter = false;
  for (let at = from; at < source.length; at++) {
    const c = source[at]!;
    if (c === "}") return at;
    if (c === '"' || (c === "'" && operandStarts)) {
      at = source.indexOf(c, at + 1);
      if (at < 0) return -1;
      operandStarts = false;
    } else if (c === "?" && source[at + 1] === "?") {
      at++;
      operandStarts = true;
      inFilter = false;
    } else if (c === "|") {
      inFilter = true;
      operandStarts = false;
    } else if (inFilter && (c === "(" || c === ",")) {
      operandStarts = true;
    } else if (!/\s/.test(c)) {
      operandStarts = false;
    }
  }
  return -1;
}
