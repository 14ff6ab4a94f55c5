const WHITE_SPACE = /\p{White_Space}/u;

/** Without Unicode white space at both ends: U+0085 is white space, U+FEFF is not (`String.trim` has both the other way). */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text[start]!)) start++;
  while (end > start && WHITE_SPACE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}
