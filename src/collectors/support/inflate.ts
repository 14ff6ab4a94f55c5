/**
 * gzip, deflate (zlib or raw) and zstd, stopping at the limit.
 *
 * A small body is inflated at once, because a round through the thread pool costs more than the work; whatever turns
 * out larger goes through a stream that is counted against the budget piece by piece. Node reads one zstd frame and
 * ignores what follows, so frames are taken one after the other by how much each consumed.
 */
import type { Transform } from "node:stream";
import {
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { err, ok, type Result } from "../../core/result.ts";
import type { BodyEncoding } from "./body-format.ts";
import type { Held } from "./byte-budget.ts";
import { overloaded, refusal, tooLarge, type Refusal } from "./refusal.ts";

/** Compressed size up to which it is tried at once. */
const AT_ONCE_BYTES = 64 * 1024;
/** Inflated size at which trying at once gives up: about 2 ms of work. */
const AT_ONCE_INFLATED_BYTES = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

interface Codec {
  atOnce(input: Buffer, options: { maxOutputLength: number; info: true }): Inflated;
  stream(options: { chunkSize: number }): Transform & { readonly bytesWritten: number };
}
/** What zlib's synchronous functions give with `info: true`; the typings say Buffer. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

const codec = (atOnce: unknown, stream: Codec["stream"]): Codec => ({ atOnce: atOnce as Codec["atOnce"], stream });
const GZIP = codec(gunzipSync, createGunzip);
const ZLIB = codec(inflateSync, createInflate);
const RAW = codec(inflateRawSync, createInflateRaw);
const ZSTD = codec(zstdDecompressSync, createZstdDecompress);

export async function inflate(
  input: Buffer,
  encoding: Exclude<BodyEncoding, "identity">,
  maxBytes: number,
  held: Held,
): Promise<Result<Buffer, Refusal>> {
  const codec = codecOf(input, encoding);
  const parts: Buffer[] = [];
  let size = 0;
  let rest = input;
  for (;;) {
    const part = await inflateOne(codec, rest, maxBytes - size, held, maxBytes);
    if (!part.ok) return part;
    parts.push(part.value.buffer);
    size += part.value.buffer.length;
    rest = rest.subarray(part.value.consumed);
    // Only zstd leaves following frames to the caller; a gzip stream of several members is one to zlib.
    if (codec !== ZSTD || rest.length === 0) break;
  }
  return ok(parts.length === 1 ? parts[0]! : Buffer.concat(parts, size));
}

interface Part {
  readonly buffer: Buffer;
  readonly consumed: number;
}

async function inflateOne(
  codec: Codec,
  input: Buffer,
  room: number,
  held: Held,
  maxBytes: number,
): Promise<Result<Part, Refusal>> {
  if (input.length <= AT_ONCE_BYTES) {
    try {
      const maxOutputLength = Math.max(1, Math.min(room, AT_ONCE_INFLATED_BYTES));
      const { buffer, engine } = codec.atOnce(input, { maxOutputLength, info: true });
      if (!held.add(buffer.length)) return err(overloaded());
      return ok({ buffer, consumed: Math.max(1, engine.bytesWritten) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") return err(broken(error));
      if (room <= AT_ONCE_INFLATED_BYTES) return err(tooLarge(maxBytes));
    }
  }
  return inflateByStream(codec, input, room, held, maxBytes);
}

function inflateByStream(
  codec: Codec,
  input: Buffer,
  room: number,
  held: Held,
  maxBytes: number,
): Promise<Result<Part, Refusal>> {
  return new Promise((resolve) => {
    const stream = codec.stream({ chunkSize: CHUNK_BYTES });
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (why: Refusal): void => {
      stream.destroy();
      resolve(err(why));
    };
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > room) return refuse(tooLarge(maxBytes));
      if (!held.add(chunk.length)) return refuse(overloaded());
      chunks.push(chunk);
    });
    stream.on("error", (error) => refuse(broken(error)));
    stream.on("end", () =>
      resolve(ok({ buffer: Buffer.concat(chunks, size), consumed: Math.max(1, stream.bytesWritten) })),
    );
    stream.end(input);
  });
}

function codecOf(input: Buffer, encoding: Exclude<BodyEncoding, "identity">): Codec {
  if (encoding === "gzip") return GZIP;
  if (encoding === "zstd") return ZSTD;
  // "deflate" is zlib by the standard and raw by some senders; a zlib header is a multiple of 31 with method 8.
  const header = input.length >= 2 ? input.readUInt16BE(0) : 0;
  return (header & 0x0f00) === 0x0800 && header % 31 === 0 ? ZLIB : RAW;
}

const broken = (error: unknown): Refusal =>
  refusal("bad_input", "bad_encoding", `the body does not inflate: ${(error as Error).message.toLowerCase()}`);
