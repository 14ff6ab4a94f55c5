import type { Search } from "./re2.ts";

/**
 * All matches by Rust's rule: an empty match that ends where the match before it ended does not count, and the search goes
 * on one character further. `spend` is told what each search read and says whether to go on; null when it did not.
 */
export function findAll(
  text: string,
  search: Search,
  spend: (read: number) => boolean,
): readonly (readonly number[])[] | null {
  const matches: (readonly number[])[] = [];
  let from = 0;
  let lastEnd = -1;
  while (from <= text.length) {
    const found = search.find(from);
    if (!spend(search.read)) return null;
    if (found === null) break;
    const [start = 0, end = 0] = found;
    if (start === end && end === lastEnd) {
      from = end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
      continue;
    }
    matches.push(found);
    from = end;
    lastEnd = end;
  }
  return matches;
}
