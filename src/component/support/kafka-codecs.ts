/**
 * Reading compressed record batches with kafkajs, which of the codecs knows gzip alone and bounds nothing: one batch of
 * another codec, or one that does not decode, would end the consumer again and again at the same place.
 *
 * kafkajs calls a codec with the records part of a batch and then decodes as many records from the result as the header
 * of the batch names. So a codec here never fails: what cannot be read becomes that many empty records at the right
 * offsets, which `unreadable` knows by the memory they lie in, so that no producer can forge them. Their positions are
 * thereby known to the consumer, which reports them and goes on behind them. The header is read from the bytes before
 * the records; both are views of one response.
 *
 * Bounds. A batch inflates to at most MAX_INFLATED_BYTES. kafkajs decodes a whole response before it hands out anything,
 * so once the batches of one response have inflated to RESPONSE_BYTES the next one is called incomplete, which ends the
 * decoding of its partition, and it is fetched again with the next request; the first batch of a response always
 * passes, so there is always progress. Records are looked through before kafkajs decodes them (kafka-records.ts), those of
 * uncompressed batches too.
 */
import { promisify } from "node:util";
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from "node:zlib";
import { decodeLz4 } from "./kafka-lz4.ts";
import { checkMessages, checkRecords, emptyMessage, emptyRecords, MAX_RECORDS, plainMessage } from "./kafka-records.ts";
import { decodeSnappy } from "./kafka-snappy.ts";
import { OversizedBatch, UnreadableRecords, type OffsetRange } from "./kafka-unreadable.ts";

export interface UnreadableBatch {
  readonly reason: string;
}

export interface UnreadableBatches {
  /** The batch of a record that stands for an unreadable one; the same object for all of a batch. */
  of(value: Buffer | null): UnreadableBatch | undefined;
}

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(input: Buffer | null): Promise<Buffer>;
}
/** `CompressionCodecs` of kafkajs: what stands for each compression type, made when asked for. */
export type CodecRegistry = object;

export const MAX_INFLATED_BYTES = 32 * 1024 * 1024;
export const RESPONSE_BYTES = 32 * 1024 * 1024;
/** kafkajs holds its codecs for the whole process, so ours are put there once. */
const INSTALLED = Symbol.for("squall.kafka.unreadable");

type Inflate = (input: Buffer, maxBytes: number) => Promise<Buffer> | Buffer;
type Deflate = (input: Buffer) => Promise<Buffer>;

const unzip = promisify(gunzip);
const zip = promisify(gzip);
const compressZstd = promisify(zstdCompress);
const cannotWrite = (): Promise<Buffer> => Promise.reject(new Error("this compression is only read"));

const CODECS: readonly { readonly type: number; readonly inflate: Inflate | null; readonly deflate: Deflate }[] = [
  { type: 0, inflate: null, deflate: async (input) => input },
  { type: 1, inflate: inflateGzip, deflate: (input) => zip(input, { level: constants.Z_BEST_SPEED }) },
  { type: 2, inflate: decodeSnappy, deflate: cannotWrite },
  { type: 3, inflate: decodeLz4, deflate: cannotWrite },
  { type: 4, inflate: inflateZstd, deflate: (input) => compressZstd(input) },
];

export function installCodecs(registry: CodecRegistry): UnreadableBatches {
  const codecs = registry as Record<number, () => Codec> & { [INSTALLED]?: UnreadableBatches };
  if (codecs[INSTALLED]) return codecs[INSTALLED];
  const batches = new WeakMap<ArrayBufferLike, UnreadableBatch>();
  const inflated = new WeakMap<ArrayBufferLike, number>();
  for (const { type, inflate, deflate } of CODECS) {
    const codec: Codec = {
      compress: (encoder) => deflate(encoder.buffer),
      decompress: (input) => decompress(input, inflate, { batches, inflated }),
    };
    codecs[type] = () => codec;
  }
  const unreadable = { of: (value: Buffer | null) => (value === null ? undefined : batches.get(value.buffer)) };
  codecs[INSTALLED] = unreadable;
  return unreadable;
}

interface Seen {
  readonly batches: WeakMap<ArrayBufferLike, UnreadableBatch>;
  /** By response: bytes that its batches have become. */
  readonly inflated: WeakMap<ArrayBufferLike, number>;
}

async function decompress(input: Buffer | null, inflate: Inflate | null, seen: Seen): Promise<Buffer> {
  if (input === null) return plainMessage(null); // the tombstone of an old message set
  const range = rangeOf(input);
  const before = seen.inflated.get(input.buffer);
  const oversized = range !== null && range.count > MAX_RECORDS;
  // What lies before it in the response is to be handed out first, since an error spoils the whole response.
  if (before !== undefined && (oversized || (inflate && before >= RESPONSE_BYTES))) throw new Incomplete();
  if (oversized) throw new OversizedBatch(range, MAX_RECORDS);
  seen.inflated.set(input.buffer, before ?? 0);
  try {
    const output = inflate ? await inflate(input, MAX_INFLATED_BYTES) : input;
    if (inflate) seen.inflated.set(input.buffer, (before ?? 0) + output.length);
    if (range) checkRecords(output, range.count);
    else if (inflate) checkMessages(output);
    return range || inflate ? output : plainMessage(output);
  } catch (error) {
    if (!(error instanceof UnreadableRecords)) throw error;
    const stand = range ? emptyRecords(range) : emptyMessage();
    seen.batches.set(stand.buffer, { reason: error.message });
    return stand;
  }
}

/** kafkajs takes what has this name for the cut end of a response. */
class Incomplete extends Error {
  constructor() {
    super("the response inflates to too much at once");
    this.name = "KafkaJSPartialMessageError";
  }
}

/**
 * Bytes of a batch (format 2) up to its records: first offset 0, length 8, leader epoch 12, magic 16, crc 17,
 * attributes 21, last offset delta 23, first time 27, last time 35, producer 43, epoch 51, sequence 53, count 57.
 */
const HEADER_BYTES = 61;

/** Null: what was given is not the records of a batch of format 2, but the value of an old message. */
function rangeOf(records: Buffer): OffsetRange | null {
  if (records.byteOffset < HEADER_BYTES) return null;
  const header = new DataView(records.buffer, records.byteOffset - HEADER_BYTES, HEADER_BYTES);
  if (header.getInt8(16) !== 2 || header.getInt32(8) !== records.length + HEADER_BYTES - 12) return null;
  const first = header.getBigInt64(0);
  return { first, last: first + BigInt(header.getInt32(23)), count: header.getInt32(57) };
}

async function inflateGzip(input: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await unzip(input, { maxOutputLength: maxBytes });
  } catch (error) {
    throw inflateFault(error, maxBytes);
  }
}

const unzstd = promisify(
  (
    input: Buffer,
    maxOutputLength: number,
    done: (
      error: Error | null,
      result?: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } },
    ) => void,
  ) =>
    zstdDecompress(input, { maxOutputLength, info: true }, (error, result) =>
      // With `info` the result is both; the typings say Buffer.
      done(error, result as unknown as { buffer: Buffer; engine: { bytesWritten: number } }),
    ),
);

/** Producers write one; empty ones would cost time without end. */
const MAX_FRAMES = 1000;

/** Node reads one frame and ignores what follows it. */
async function inflateZstd(input: Buffer, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for (let rest = input; rest.length > 0;) {
    if (parts.length === MAX_FRAMES) throw new UnreadableRecords(`the batch has more than ${MAX_FRAMES} zstd frames`);
    try {
      const { buffer, engine } = (await unzstd(rest, Math.max(1, maxBytes - size)))!;
      parts.push(buffer);
      size += buffer.length;
      rest = rest.subarray(Math.max(1, engine.bytesWritten));
    } catch (error) {
      throw inflateFault(error, maxBytes);
    }
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
}

function inflateFault(error: unknown, maxBytes: number): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_BUFFER_TOO_LARGE"
    ? new UnreadableRecords(`the batch inflates to more than ${maxBytes} bytes`)
    : new UnreadableRecords(`the batch does not inflate: ${message.toLowerCase()}`);
}
