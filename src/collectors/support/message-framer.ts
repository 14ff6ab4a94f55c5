/**
 * Bytes of a connection → messages, whatever chunks they come in. Memory is bounded by the longest message: of a longer one
 * only the beginning is kept.
 */
import type { Message } from "./message-documents.ts";
import type { StreamFault } from "./stream-fault.ts";

export interface Framer {
  /** The messages that became complete. */
  push(chunk: Buffer): readonly Message[];
  /** Set when it cannot be told where the next message begins; nothing more can be pushed then. */
  readonly fault: StreamFault | null;
  /** What is left when the sender ends: a message whose end was not written, or null. */
  end(): Message | null;
  /** Bytes kept of a message that is not complete. */
  readonly held: number;
}

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
/** Kept of a message that is too long. */
const SAMPLE_BYTES = 1024;

/** Messages end with LF, and CR or NUL before it are no part of them. Empty ones are none. */
export function lineFramer(maxBytes: number): Framer {
  let parts: Buffer[] = [];
  let held = 0;
  /** Bytes of the unfinished line, kept or not. */
  let length = 0;

  function keep(part: Buffer): void {
    const wasTooLong = length > maxBytes;
    length += part.length;
    if (wasTooLong) return;
    parts.push(part);
    held += part.length;
    if (length <= maxBytes) return;
    parts = [Buffer.from(Buffer.concat(parts).subarray(0, Math.min(maxBytes, SAMPLE_BYTES)))];
    held = parts[0]!.length;
  }

  function take(): Message | null {
    const bytes = trimEnd(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    const tooLong = length > maxBytes ? { tooLong: length } : {};
    parts = [];
    held = length = 0;
    return bytes.length === 0 ? null : { bytes, ...tooLong };
  }

  return {
    push(chunk) {
      const messages: Message[] = [];
      let at = 0;
      for (let found = chunk.indexOf(LF); found >= 0; found = chunk.indexOf(LF, at)) {
        keep(chunk.subarray(at, found));
        const message = take();
        if (message) messages.push(message);
        at = found + 1;
      }
      if (at < chunk.length) keep(chunk.subarray(at));
      return messages;
    },
    fault: null,
    end: () => (length > 0 ? take() : null),
    get held() {
      return held;
    },
  };
}

/** Without line ends and NULs behind it, which some senders add where they mean nothing. */
export function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  for (let last = bytes[end - 1]; last === CR || last === LF || last === NUL; last = bytes[end - 1]) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}
