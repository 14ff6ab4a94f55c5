/**
 * What happens when a delivery key exists already. The same payload, or one no longer kept: nothing. Another payload is
 * a bug of whoever made the key; so that nothing is lost it is delivered under a suffixed key: the same 8 bytes of
 * locality, and the hash of (key, n), the first n that is free or holds this payload.
 */
import { createHash } from "node:crypto";

export const KEY_BYTES = 24;

/** `payloadOf` answers undefined for a free key, null for one whose payload is gone. Null: nothing is to be written. */
export function resolveKey(
  key: Uint8Array,
  payload: string,
  payloadOf: (key: Uint8Array) => string | null | undefined,
): { readonly key: Uint8Array; readonly collision: boolean } | null {
  for (let n = 0; ; n++) {
    const candidate = n === 0 ? key : suffixedKey(key, n);
    const found = payloadOf(candidate);
    if (found === undefined) return { key: candidate, collision: n > 0 };
    if (found === null || found === payload) return null;
  }
}

function suffixedKey(key: Uint8Array, n: number): Uint8Array {
  const hash = createHash("sha256").update(key).update(`#${n}`).digest();
  const suffixed = new Uint8Array(KEY_BYTES);
  suffixed.set(key.subarray(0, 8));
  suffixed.set(hash.subarray(0, 16), 8);
  return suffixed;
}

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
