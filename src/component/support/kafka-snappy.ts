/**
 * Snappy (format_description.txt of google/snappy), raw as librdkafka and Kafka's own protocol write it, or in the frame
 * of xerial's SnappyOutputStream, as Java producers do:
 *
 *     raw:    length varint, then elements; the low two bits of a tag say which
 *             0 literal   length−1 in the upper six bits, 60–63: in the next 1–4 bytes; then the bytes
 *             1 copy      length 4–11 in bits 2–4, offset in bits 5–7 and one byte
 *             2, 3 copy   length 1–64 in the upper six bits, offset in two or four bytes
 *     xerial: 0x82 "SNAPPY" 0x00, version 4, lowest compatible version 4, then chunks: length 4 (big endian), raw
 *
 * The length is checked against the bound before anything is allocated, and every element against input and output, so
 * that bad bytes are an error, never a hang or a wrong result.
 */
import { setImmediate } from "node:timers/promises";
import { UnreadableRecords } from "./kafka-unreadable.ts";

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
/** Made between two breaths of the event loop: a few milliseconds. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** Throws UnreadableRecords. */
export async function decodeSnappy(input: Buffer, maxBytes: number): Promise<Buffer> {
  if (!input.subarray(0, XERIAL.length).equals(XERIAL)) return decodeRaw(input, maxBytes);
  const parts: Buffer[] = [];
  let size = 0;
  let slice = 0;
  for (let at = XERIAL_HEADER_BYTES; at < input.length;) {
    if (at + 4 > input.length) throw cut();
    const end = at + 4 + input.readUInt32BE(at);
    if (end > input.length) throw cut();
    const part = decodeRaw(input.subarray(at + 4, end), maxBytes - size);
    parts.push(part);
    size += part.length;
    slice += part.length;
    at = end;
    if (slice >= SLICE_BYTES) {
      slice = 0;
      await setImmediate();
    }
  }
  return Buffer.concat(parts, size);
}

function decodeRaw(input: Buffer, maxBytes: number): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= input.length || shift > 28) throw new UnreadableRecords("the snappy data has no length");
    const byte = input[at++]!;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > maxBytes) throw new UnreadableRecords(`the batch inflates to more than ${maxBytes} bytes`);
  const output = Buffer.allocUnsafeSlow(length);
  let size = 0;
  while (at < input.length) {
    const tag = input[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let count = (tag >>> 2) + 1;
      if (count > 60) {
        const width = count - 60;
        if (at + width > input.length) throw cut();
        count = input.readUIntLE(at, width) + 1;
        at += width;
      }
      if (at + count > input.length) throw cut();
      if (size + count > length) throw tooLong();
      input.copy(output, size, at, at + count);
      at += count;
      size += count;
      continue;
    }
    const width = kind === 3 ? 4 : kind;
    if (at + width > input.length) throw cut();
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = kind === 1 ? ((tag >>> 5) << 8) | input[at]! : input.readUIntLE(at, width);
    at += width;
    if (offset === 0 || offset > size) throw new UnreadableRecords("the snappy data copies from before its beginning");
    if (size + count > length) throw tooLong();
    // Source and target may overlap: then what was just written is read.
    if (offset >= count) output.copyWithin(size, size - offset, size - offset + count);
    else for (let i = 0; i < count; i++) output[size + i] = output[size + i - offset]!;
    size += count;
  }
  if (size !== length) throw new UnreadableRecords(`the snappy data gives ${size} bytes where ${length} are announced`);
  return output;
}

const cut = (): UnreadableRecords => new UnreadableRecords("the snappy data is cut off");
const tooLong = (): UnreadableRecords => new UnreadableRecords("the snappy data gives more bytes than announced");
