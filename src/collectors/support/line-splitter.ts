/**
 * Bytes → lines, whatever chunks they come in. A line ends with LF, and a CR before it is no part of it. A line over the
 * bound is not kept: its beginning and its length are told, so that memory stays bounded and nothing is lost silently.
 */
export interface Line {
  /** Without its end; of a line over the bound its beginning. Valid until the next push. */
  readonly bytes: Buffer;
  /** Position of its first byte, counted from 0 at the first byte pushed. */
  readonly start: number;
  /** How many bytes it has without the LF. */
  readonly length: number;
  /** It was over the bound. */
  readonly tooLong: boolean;
}

export interface LineSplitter {
  /** The lines that ended in it. */
  push(chunk: Buffer): readonly Line[];
  /** What came after the last end of a line, as a line; null: nothing. */
  end(): Line | null;
  /** Bytes held of a line that has not ended. */
  readonly held: number;
  /** Position behind the last line that was given out. */
  readonly consumed: number;
}

const LF = 0x0a;
const CR = 0x0d;
/** Kept of a line over the bound. */
const SAMPLE_BYTES = 1024;

export function createLineSplitter(maxBytes: number): LineSplitter {
  let parts: Buffer[] = [];
  let held = 0;
  /** Bytes of the unfinished line, kept or not. */
  let length = 0;
  let tooLong = false;
  let consumed = 0;

  function keep(part: Buffer): void {
    length += part.length;
    if (tooLong) return;
    parts.push(part);
    held += part.length;
    if (length <= maxBytes) return;
    tooLong = true;
    parts = [Buffer.from(Buffer.concat(parts).subarray(0, Math.min(maxBytes, SAMPLE_BYTES)))];
    held = parts[0]!.length;
  }

  function take(endBytes: number): Line {
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const hasCr = !tooLong && endBytes > 0 && all[all.length - 1] === CR;
    const line = { bytes: hasCr ? all.subarray(0, -1) : all, start: consumed, length, tooLong };
    consumed += length + endBytes;
    parts = [];
    held = length = 0;
    tooLong = false;
    return line;
  }

  return {
    push(chunk) {
      const lines: Line[] = [];
      let at = 0;
      for (let found = chunk.indexOf(LF); found >= 0; found = chunk.indexOf(LF, at)) {
        keep(chunk.subarray(at, found));
        lines.push(take(1));
        at = found + 1;
      }
      // A copy: the reader may use its buffer again, and a short rest must not hold all of it.
      if (at < chunk.length) keep(Buffer.from(chunk.subarray(at)));
      return lines;
    },
    end: () => (length > 0 ? take(0) : null),
    get held() {
      return held;
    },
    get consumed() {
      return consumed;
    },
  };
}
