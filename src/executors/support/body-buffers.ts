/**
 * Memory of large request bodies, used again. New memory of a megabyte for every request has to be mapped, and what was
 * mapped outside the heap hurries the collector over all that is in it: more work than to fill and to send a body.
 *
 * What is given back may be overwritten at once, so it must be known that the target has read all of it.
 */
export interface BodyBuffers {
  /** At least so many bytes, with anything in them. */
  take(bytes: number): Buffer;
  /** A buffer that was taken, or a part of it. */
  giveBack(buffer: Buffer): void;
}

/** Kept in all; what was given back last stays. */
const MAX_KEPT_BYTES = 8_388_608;
/** Below this there is nothing to gain. */
const MIN_KEPT_BYTES = 65_536;

export function createBodyBuffers(): BodyBuffers {
  const free: Buffer[] = [];
  let freeBytes = 0;
  return {
    take(bytes) {
      const at = free.findLastIndex((buffer) => buffer.length >= bytes);
      // Never from Node's pool: memory that is given back must be nobody else's.
      if (at < 0) return Buffer.allocUnsafeSlow(bytes < MIN_KEPT_BYTES ? bytes : roomy(bytes));
      const [found] = free.splice(at, 1);
      freeBytes -= found!.length;
      return found!;
    },
    giveBack({ buffer }) {
      if (buffer.byteLength < MIN_KEPT_BYTES || buffer.byteLength > MAX_KEPT_BYTES) return;
      free.push(Buffer.from(buffer));
      freeBytes += buffer.byteLength;
      while (freeBytes > MAX_KEPT_BYTES) freeBytes -= free.shift()!.length;
    },
  };
}

/** Sizes in steps, so that a body finds room where a somewhat smaller one was; what is not written to takes no memory. */
const roomy = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));
