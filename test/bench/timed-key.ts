import { keyOf } from "../kit/store-fixtures.ts";

/** A key as events with generated ids have it: 8 bytes that grow with time, then hash. */
export function timedKey(n: number): Uint8Array {
  const key = keyOf(`timed ${n}`);
  new DataView(key.buffer).setBigUint64(key.byteOffset, BigInt(n));
  return key;
}
