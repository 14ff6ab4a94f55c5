import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

/** Below this the header costs more than compression saves. */
const FROM_BYTES = 1024;
const compress = promisify(gzip);

export interface EncodedBody {
  readonly bytes: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A body as it is sent: compressed when that is wanted and worth it. */
export async function gzipBody(body: string | Uint8Array, wanted: boolean): Promise<EncodedBody> {
  if (!wanted || body.length < FROM_BYTES) return { bytes: body, headers: {} };
  const bytes = await compress(body, { level: constants.Z_BEST_SPEED });
  return { bytes, headers: { "content-encoding": "gzip" } };
}
