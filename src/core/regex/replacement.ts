/**
 * Replacement text of Rust's `replace_all`: `$name` takes the longest run of letters, digits and `_`, `${…}` anything up to
 * the brace, a number is an index, `$$` is a dollar sign, a `$` before anything else is itself, and a group that is unknown
 * or took no part is empty.
 */
export type ReplacementPart = string | { readonly group: number };

export function parseReplacement(text: string, groupNames: readonly (string | null)[]): readonly ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let last = 0;
  for (const match of text.matchAll(/\$(?:\$|\{([^}]*)\}|([0-9A-Za-z_]+))/gu)) {
    parts.push(text.slice(last, match.index));
    last = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) {
      parts.push("$");
      continue;
    }
    const group = /^\+?[0-9]+$/u.test(name) ? Number(name) : groupNames.indexOf(name);
    if (group >= 0 && group < groupNames.length) parts.push({ group });
  }
  parts.push(text.slice(last));
  return parts.filter((part) => part !== "");
}
