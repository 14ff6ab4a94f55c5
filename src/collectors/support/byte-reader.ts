/**
 * Pulls bytes from a stream as they are needed: nothing is read ahead of a frame but what the stream itself buffers, so
 * that not reading slows the sender. Bytes are counted before they are taken.
 */
import type { Readable } from "node:stream";

export interface ByteReaderHooks {
  /** Before so many bytes are taken; a promise holds it back. May throw. */
  acquire(bytes: number): Promise<void> | undefined;
  /** The wait for the sender begins; what is returned is called when it ends. */
  waiting?(): () => void;
}

export interface ByteReader {
  readonly size: number;
  /** False when the stream ended (or `stop` was called) before there were so many. Throws what the stream fails with. */
  fill(bytes: number): Promise<boolean>;
  /** Removes so many bytes; they must be there. */
  take(bytes: number): Buffer;
  /** All that is there. */
  takeAll(): Buffer;
  /** Ends it as if the stream had ended. */
  stop(): void;
}

export function createByteReader(stream: Readable, hooks: ByteReaderHooks): ByteReader {
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let failure: Error | null = null;
  let wake: (() => void) | null = null;

  const signal = (): void => {
    wake?.();
    wake = null;
  };
  const end = (): void => {
    ended = true;
    signal();
  };
  stream.on("readable", signal);
  stream.on("end", end);
  stream.on("close", end);
  stream.on("error", (error) => {
    failure = error;
    end();
  });
  if (stream.readableEnded || stream.destroyed) ended = true;

  async function pull(): Promise<void> {
    const ready = stream.readableLength;
    if (ready > 0) {
      const room = hooks.acquire(ready);
      if (room) await room;
      const chunk = stream.read(Math.min(ready, stream.readableLength)) as Buffer | null; // no encoding is set
      if (chunk && !ended) push(chunk);
      else if (chunk === null && stream.destroyed) ended = true;
      return;
    }
    stream.read(0);
    if (ended || stream.readableLength > 0) return;
    const done = hooks.waiting?.();
    await new Promise<void>((resolve) => (wake = resolve));
    done?.();
    if (stream.readableLength === 0) stream.read(); // makes a stream that came to its end say so
  }

  const push = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
  };

  function take(bytes: number): Buffer {
    size -= bytes;
    const first = chunks[0];
    if (first && first.length > bytes) {
      chunks[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    const parts: Buffer[] = [];
    for (let missing = bytes; missing > 0;) {
      const part = chunks[0]!;
      if (part.length > missing) {
        parts.push(part.subarray(0, missing));
        chunks[0] = part.subarray(missing);
        break;
      }
      parts.push(part);
      chunks.shift();
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes);
  }

  return {
    get size() {
      return size;
    },
    async fill(bytes) {
      while (size < bytes) {
        if (failure) throw failure;
        if (ended) return false;
        await pull();
      }
      return true;
    },
    take,
    takeAll: () => take(size),
    stop() {
      chunks = [];
      size = 0;
      end();
    },
  };
}
