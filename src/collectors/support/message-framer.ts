/**
 * Bytes of a connection → messages, whatever chunks they come in. Memory is bounded by the longest message: of a longer one
 * only the beginning is kept.
 */
import { createLineSplitter, type Line } from "./line-splitter.ts";
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
/** Messages end with LF, and CR or NUL before it are no part of them. Empty ones are none. */
export function lineFramer(maxBytes: number): Framer {
  const splitter = createLineSplitter(maxBytes);
  const messageOf = ({ bytes, length, tooLong }: Line): readonly Message[] => {
    const trimmed = trimEnd(bytes);
    return trimmed.length === 0 ? [] : [{ bytes: trimmed, ...(tooLong ? { tooLong: length } : {}) }];
  };
  return {
    push: (chunk) => splitter.push(chunk).flatMap(messageOf),
    fault: null,
    end() {
      const last = splitter.end();
      return last ? (messageOf(last)[0] ?? null) : null;
    },
    get held() {
      return splitter.held;
    },
  };
}

/** Without line ends and NULs behind it, which some senders add where they mean nothing. */
export function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  for (let last = bytes[end - 1]; last === CR || last === LF || last === NUL; last = bytes[end - 1]) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}
