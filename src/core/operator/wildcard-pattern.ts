/**
 * Patterns of the `wildcard` operator.
 *
 *     *        any text, also none
 *     ?        one code point
 *     \* \? \\ the character itself; before anything else, and at the end, `\` is itself (paths of Windows)
 *
 * A pattern is pieces between stars. The first stands at the start of the text, the last at its end, and those between are
 * each taken where they are first found: a piece has a fixed number of code points, so a later place could only leave
 * less for those after it. Nothing is ever taken back, so the time is at most length of text × length of pattern.
 */

/** The texts between question marks; `a??b` is a, nothing, b. */
type Piece = readonly string[];

export function compileWildcard(pattern: string): (text: string) => boolean {
  const [first, ...rest] = piecesOf(pattern);
  const last = rest.pop();
  if (last === undefined) return (text) => endAt(text, 0, first) === text.length;
  const middles = rest.filter((piece) => piece.length > 1 || piece[0] !== "");
  return (text) => {
    let at = endAt(text, 0, first);
    if (at < 0) return false;
    const end = startBefore(text, last);
    for (const piece of middles) {
      at = endOfNext(text, at, piece);
      if (at < 0) return false;
    }
    return at <= end;
  };
}

function piecesOf(pattern: string): [Piece, ...Piece[]] {
  const first: string[] = [""];
  const pieces: [Piece, ...Piece[]] = [first];
  let piece = first;
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === "*") pieces.push((piece = [""]));
    else if (c === "?") piece.push("");
    else piece[piece.length - 1] += c === "\\" && "*?\\".includes(pattern[at + 1] ?? "none") ? pattern[++at]! : c;
  }
  return pieces;
}

/** Where the piece ends if it starts here; -1: it does not. */
function endAt(text: string, start: number, piece: Piece): number {
  let at = start;
  for (let i = 0; i < piece.length; i++) {
    if (i > 0) {
      if (at >= text.length) return -1;
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    }
    if (!text.startsWith(piece[i]!, at)) return -1;
    at += piece[i]!.length;
  }
  return at;
}

/** Where the piece ends if it starts at the first place from here on; -1: there is none. */
function endOfNext(text: string, from: number, piece: Piece): number {
  const [start = ""] = piece;
  for (let at = from; ;) {
    at = text.indexOf(start, at);
    if (at < 0) return -1;
    const end = endAt(text, at, piece);
    if (end >= 0) return end;
    if (at >= text.length) return -1;
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
}

/** Where the piece starts if it ends with the text; -1: it does not. */
function startBefore(text: string, piece: Piece): number {
  let at = text.length;
  for (let i = piece.length - 1; i >= 0; i--) {
    if (!text.endsWith(piece[i]!, at)) return -1;
    at -= piece[i]!.length;
    if (i > 0) {
      if (at <= 0) return -1;
      at -= isPair(text, at - 2) ? 2 : 1;
    }
  }
  return at;
}

const isPair = (text: string, at: number): boolean => at >= 0 && text.codePointAt(at)! > 0xffff;
