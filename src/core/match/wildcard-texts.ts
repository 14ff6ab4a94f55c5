/** What stands in a pattern of the `wildcard` operator (operator/wildcard-pattern.ts) besides `*` and `?`. */
export interface WildcardTexts {
  readonly prefix: string;
  readonly middles: readonly string[];
  readonly suffix: string;
}

/** Without a star or question mark the whole pattern is the prefix and the suffix. */
export function wildcardTexts(pattern: string): WildcardTexts {
  const texts = [""];
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === "*" || c === "?") texts.push("");
    else texts[texts.length - 1] += c === "\\" && "*?\\".includes(pattern[at + 1] ?? "none") ? pattern[++at]! : c;
  }
  return { prefix: texts[0]!, middles: texts.slice(1, -1).filter((text) => text !== ""), suffix: texts.at(-1)! };
}
