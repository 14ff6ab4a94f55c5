/** SHA-256 of what was loaded, as hex: what a hash is made of cannot be read back from it, so secrets may be among it. */
import { createHash } from "node:crypto";

/** Each part with its length, so that no two lists of parts are hashed alike. */
export function configHash(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}
