import { randomFillSync } from "node:crypto";

const POOL_BYTES = 8192;

/** Random bytes cut from a larger piece: asking the system for each event id costs more than the id. */
export function randomPool(): (count: number) => Buffer {
  let pool = Buffer.alloc(0);
  return (count) => {
    if (pool.length < count) pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, count)));
    const bytes = pool.subarray(0, count);
    pool = pool.subarray(count);
    return bytes;
  };
}
