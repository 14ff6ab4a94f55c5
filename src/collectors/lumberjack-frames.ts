/**
 * Frames of Lumberjack, the protocol of Beats' *logstash* output. All numbers are big-endian; every frame begins with
 * the version, `2` (or `1`, spoken by older clients), and a letter:
 *
 *   W  u32 count                              a window of so many events follows
 *   J  u32 sequence, u32 length, JSON         one event
 *   D  u32 sequence, u32 pairs, then for each pair u32 length, key, u32 length, value      one event of version 1
 *   C  u32 length, zlib                       frames J or D, compressed; a C in a C is an error, and so is a W
 *   A  u32 sequence                           from the receiver: everything up to this event is taken
 *
 * Nothing marks the beginning of a frame, so after anything unexpected the connection can only be closed. What is
 * inflated is pulled as it is needed and counted, so that a small frame cannot become a large memory.
 */
import { Readable } from "node:stream";
import { createInflate, inflateSync } from "node:zlib";
import { setMember, type MutableJsonObject } from "../core/json.ts";
import { createByteReader, type ByteReader } from "./support/byte-reader.ts";
import type { StreamHold } from "./support/stream-budget.ts";
import { StreamFault } from "./support/stream-fault.ts";

export type Frame =
  | { readonly type: "window"; readonly version: number; readonly count: number }
  /** `held` bytes of the budget are the event's, to be released when it is settled. */
  | { readonly type: "event"; readonly sequence: number; readonly json: Buffer; readonly held: number };

export interface FrameLimits {
  /** Of one event, or of a compressed frame as sent. */
  readonly maxFrameBytes: number;
  /** Of a compressed frame, inflated. */
  readonly maxInflatedBytes: number;
}

export const ACK_LETTER = 0x41;
const LETTERS = { W: 0x57, J: 0x4a, D: 0x44, C: 0x43 };
const VERSIONS = [0x31, 0x32];
/** What an event costs beyond its bytes. */
const EVENT_OVERHEAD_BYTES = 200;
const STEP_BYTES = 64 * 1024;
const AT_ONCE_BYTES = 64 * 1024;
/** About 2 ms of work. */
const AT_ONCE_INFLATED_BYTES = 1024 * 1024;

/** Throws StreamFault. Ends without one when the stream ends between two frames. */
export async function* readFrames(
  reader: ByteReader,
  hold: StreamHold,
  limits: FrameLimits,
  compressed = false,
): AsyncGenerator<Frame, void> {
  const header = async (bytes: number): Promise<Buffer> => {
    const taken = await bytesOf(reader, bytes, compressed);
    hold.release(bytes);
    return taken;
  };
  while (await reader.fill(1)) {
    const [version = 0, letter = 0] = await header(2);
    if (!VERSIONS.includes(version)) throw new StreamFault("bad_frame", `version ${byteName(version)}; accepted: 1, 2`);
    if (letter === LETTERS.J) {
      const head = await header(8);
      const length = head.readUInt32BE(4);
      checkLength(length, limits.maxFrameBytes);
      const json = await bytesOf(reader, length, compressed);
      await hold.acquire(EVENT_OVERHEAD_BYTES);
      yield { type: "event", sequence: head.readUInt32BE(0), json, held: length + EVENT_OVERHEAD_BYTES };
    } else if (letter === LETTERS.D) {
      const head = await header(8);
      const json = await readPairs(header, head.readUInt32BE(4), limits.maxFrameBytes);
      const held = json.length + EVENT_OVERHEAD_BYTES;
      await hold.acquire(held);
      yield { type: "event", sequence: head.readUInt32BE(0), json, held };
    } else if (letter === LETTERS.W && !compressed) {
      yield { type: "window", version, count: (await header(4)).readUInt32BE(0) };
    } else if (letter === LETTERS.C && !compressed) {
      const length = (await header(4)).readUInt32BE(0);
      checkLength(length, limits.maxFrameBytes);
      yield* readCompressed(await bytesOf(reader, length, false), hold, limits);
      hold.release(length);
    } else {
      throw new StreamFault("bad_frame", `frame ${byteName(letter)}${compressed ? " inside a compressed one" : ""}`);
    }
  }
}

async function* readCompressed(zlib: Buffer, hold: StreamHold, limits: FrameLimits): AsyncGenerator<Frame, void> {
  const stream = inflating(zlib, limits.maxInflatedBytes);
  let inflated = 0;
  const reader = createByteReader(stream, {
    acquire(bytes) {
      inflated += bytes;
      if (inflated > limits.maxInflatedBytes)
        throw new StreamFault("too_large", `a compressed frame inflates to more than ${limits.maxInflatedBytes} bytes`);
      return hold.acquire(bytes);
    },
  });
  try {
    yield* readFrames(reader, hold, limits, true);
  } catch (error) {
    throw error instanceof StreamFault ? error : broken(error);
  } finally {
    stream.destroy();
  }
}

/** A small frame is inflated at once, because the way through the thread pool costs more than the work. */
function inflating(zlib: Buffer, maxBytes: number): Readable {
  if (zlib.length <= AT_ONCE_BYTES) {
    try {
      const inflated = inflateSync(zlib, { maxOutputLength: Math.min(maxBytes, AT_ONCE_INFLATED_BYTES) });
      return Readable.from([inflated], { objectMode: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw broken(error);
    }
  }
  const stream = createInflate({ chunkSize: STEP_BYTES });
  stream.end(zlib);
  return stream;
}

const broken = (error: unknown): StreamFault =>
  new StreamFault("bad_encoding", `a compressed frame does not inflate: ${(error as Error).message}`);

async function bytesOf(reader: ByteReader, bytes: number, compressed: boolean): Promise<Buffer> {
  if (reader.size < bytes && !(await reader.fill(bytes)))
    throw compressed
      ? new StreamFault("bad_frame", "a compressed frame ends inside a frame")
      : new StreamFault("aborted", "the connection ended inside a frame");
  return reader.take(bytes);
}

/** Version 1: pairs of texts, made the JSON that version 2 would have sent. */
async function readPairs(read: (bytes: number) => Promise<Buffer>, pairs: number, maxBytes: number): Promise<Buffer> {
  const event: MutableJsonObject = {};
  let size = 0;
  const text = async (): Promise<string> => {
    const length = (await read(4)).readUInt32BE(0);
    checkLength((size += 4 + length), maxBytes);
    return (await read(length)).toString("utf8");
  };
  for (let pair = 0; pair < pairs; pair++) {
    const key = await text();
    setMember(event, key, await text());
  }
  return Buffer.from(JSON.stringify(event));
}

function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) throw new StreamFault("too_large", `a frame of ${length} bytes; accepted: up to ${maxBytes}`);
}

const byteName = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16).padStart(2, "0")}`;
