/**
 * The records inside a batch (KIP-98, message format 2) and inside the older message sets, looked through before kafkajs
 * decodes them: it trusts lengths and counts, copies a record's headers once per header, and spreads all records of a
 * batch into one call.
 *
 *     record:   length varint | attributes 1 | time delta varint | offset delta varint
 *               | key length varint, key | value length varint, value | headers varint, each: key, value with lengths
 *     message:  offset 8 | size 4 | crc 4 | magic 1 | attributes 1 | time 8 (magic 1) | key length 4, key | value length 4, value
 *
 * Varints are zigzag, 7 bits a byte; length −1 is null.
 */
import { UnreadableRecords } from "./kafka-unreadable.ts";

/** kafkajs passes them as arguments of one call, which fits the stack up to here. */
export const MAX_RECORDS = 60_000;
/** kafkajs works on headers in square time. */
const MAX_HEADERS = 500;

/** Throws UnreadableRecords. */
export function checkRecords(bytes: Buffer, count: number): void {
  const reader = createReader(bytes);
  for (let index = 0; index < count; index++) {
    const length = reader.varint();
    const end = reader.at + length;
    if (length < 0 || end > bytes.length) throw cut(index);
    reader.skip(1, end);
    reader.varint();
    reader.varint();
    reader.skip(Math.max(0, reader.varint()), end);
    reader.skip(Math.max(0, reader.varint()), end);
    const headers = reader.varint();
    if (headers > MAX_HEADERS)
      throw new UnreadableRecords(`record ${index} has ${headers} headers; accepted: ${MAX_HEADERS}`);
    for (let header = 0; header < headers; header++) {
      reader.skip(Math.max(0, reader.varint()), end);
      reader.skip(Math.max(0, reader.varint()), end);
    }
    if (reader.at !== end) throw cut(index);
  }
}

/** Throws UnreadableRecords. */
export function checkMessages(bytes: Buffer): void {
  let at = 0;
  let count = 0;
  while (at < bytes.length) {
    if (count++ >= MAX_RECORDS) throw new UnreadableRecords(`more than ${MAX_RECORDS} messages in one set`);
    if (at + 26 > bytes.length) throw cut(count);
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const magic = bytes[at + 16]!;
    if (magic > 1 || end > bytes.length) throw cut(count);
    const key = at + 18 + 8 * magic;
    if (key + 8 > end) throw cut(count);
    const value = key + 4 + Math.max(0, bytes.readInt32BE(key));
    if (value + 4 > end || value + 4 + Math.max(0, bytes.readInt32BE(value)) !== end) throw cut(count);
    at = end;
  }
  if (count === 0) throw new UnreadableRecords("the message set is empty");
}

/** As many records without key and value as the batch has, at offsets from its first to its last. */
export function emptyRecords({ first, last, count }: { first: bigint; last: bigint; count: number }): Buffer {
  // length, attributes, time delta, an offset delta of up to 5 bytes, key null, no value, no headers
  const bytes = Buffer.alloc(count * 11);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const delta = index === count - 1 ? Number(last - first) : index;
    const width = varintWidth(delta);
    at = writeVarint(bytes, at, 5 + width);
    at += 2;
    at = writeVarint(bytes, at, delta);
    bytes[at++] = 1; // −1
    at += 2;
  }
  return bytes.subarray(0, at);
}

/** One old message without a value, which gets the offset of the set. */
export const emptyMessage = (): Buffer => plainMessage(Buffer.alloc(0));

/** A message as a set of one; its key and time are lost. */
export function plainMessage(value: Buffer | null): Buffer {
  const bytes = Buffer.alloc(34 + (value?.length ?? 0));
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes[16] = 1;
  bytes.writeInt32BE(-1, 26);
  bytes.writeInt32BE(value === null ? -1 : value.length, 30);
  value?.copy(bytes, 34);
  return bytes;
}

function createReader(bytes: Buffer) {
  const reader = {
    at: 0,
    /** Up to 10 bytes; what does not fit a double exactly is no length that could be right. */
    varint(): number {
      let value = 0;
      let factor = 1;
      for (let read = 0; read < 10; read++) {
        if (reader.at >= bytes.length) break;
        const byte = bytes[reader.at++]!;
        value += (byte & 0x7f) * factor;
        if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
        factor *= 128;
      }
      throw new UnreadableRecords("a record ends inside a number");
    },
    skip(length: number, end: number): void {
      reader.at += length;
      if (reader.at > end) throw new UnreadableRecords("a record ends inside a field");
    },
  };
  return reader;
}

const cut = (index: number): UnreadableRecords => new UnreadableRecords(`record ${index} does not fill its length`);

const varintWidth = (value: number): number => {
  let width = 1;
  for (let rest = value * 2; rest >= 128; rest = Math.floor(rest / 128)) width++;
  return width;
};

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  return at;
}
