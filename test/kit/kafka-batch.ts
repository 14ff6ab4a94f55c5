/** Record batches of format 2 made by hand, good ones and others. */
import { createRequire } from "node:module";

const crc32c = createRequire(import.meta.url)("kafkajs/src/protocol/recordBatch/crc32C/index.js") as (
  bytes: Buffer,
) => number;

export const CODEC = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

export interface BatchFields {
  readonly codec?: number;
  readonly count?: number;
  readonly first?: bigint;
  /** Offsets from the first to the last record; more than the count where records are gone. */
  readonly span?: number;
  readonly timeMs?: number;
}

/** A batch around its records part, as it is sent. */
export function recordBatch(records: Buffer, fields: BatchFields = {}): Buffer {
  const { codec = 0, count = 1, first = 0n, span = count - 1, timeMs = 1_700_000_000_000 } = fields;
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(first, 0);
  header.writeInt32BE(records.length + 49, 8);
  header[16] = 2;
  header.writeInt16BE(codec, 21);
  header.writeInt32BE(span, 23);
  header.writeBigInt64BE(BigInt(timeMs), 27);
  header.writeBigInt64BE(BigInt(timeMs), 35);
  header.writeBigInt64BE(-1n, 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(count, 57);
  const batch = Buffer.concat([header, records]);
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17);
  return batch;
}

export function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** One record without a key; `more` is put behind its value in place of "no headers". */
export function batchRecord(value: string, delta = 0, more: readonly number[] = [0]): Buffer {
  const bytes = Buffer.from(value);
  const before = Buffer.from([0, ...varint(0), ...varint(delta), ...varint(-1), ...varint(bytes.length)]);
  const body = Buffer.concat([before, bytes, Buffer.from(more)]);
  return Buffer.concat([Buffer.from(varint(body.length)), body]);
}
