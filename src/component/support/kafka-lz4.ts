/**
 * LZ4 frames (lz4_Frame_format.md and lz4_Block_format.md of lz4/lz4), as Kafka producers write them:
 *
 *     frame:  magic 04 22 4d 18 | flags 1 | block size 1 | content size 8, if flagged | header checksum 1
 *             | blocks | end mark 4 (zero) | content checksum 4, if flagged
 *     block:  size 4, top bit: stored as it is | data | checksum 4, if flagged
 *     data:   sequences: token (literals << 4 | match − 4), 15 goes on in bytes of 255; literals; offset 2; the last
 *             sequence ends with its literals
 *
 * Own code, because the packages for it trust their input: a bad offset or length reads and writes outside, and none takes
 * a bound. Checksums are not verified: TCP and the broker have done so (kafkajs skips those of Kafka itself, too), and
 * old Java clients wrote a wrong header checksum. Every length is checked against input, output and the bound.
 */
import { setImmediate } from "node:timers/promises";
import { UnreadableRecords } from "./kafka-unreadable.ts";

const MAGIC = 0x184d2204;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY = 0x01;
/** Made between two breaths of the event loop: a few milliseconds. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** Throws UnreadableRecords. Frames one after the other give their contents one after the other. */
export async function decodeLz4(input: Buffer, maxBytes: number): Promise<Buffer> {
  const output = growing(Math.min(maxBytes, Math.max(65_536, input.length * 4)), maxBytes);
  let at = 0;
  let slice = 0;
  while (at < input.length) {
    const frame = readHeader(input, at);
    at = frame.blocks;
    // Matches may reach back over blocks of the same frame.
    const frameStart = output.size;
    for (;;) {
      need(input, at, 4);
      const word = input.readUInt32LE(at);
      at += 4;
      if (word === 0) break;
      const length = word & 0x7fffffff;
      need(input, at, length);
      const before = output.size;
      if (word >>> 31 === 1) output.append(input, at, length);
      else decodeBlock(input, at, at + length, output, frameStart);
      at += length + (frame.blockChecksums ? 4 : 0);
      slice += output.size - before;
      if (slice >= SLICE_BYTES) {
        slice = 0;
        await setImmediate();
      }
    }
    if (frame.contentChecksum) at += 4;
  }
  return output.bytes();
}

function readHeader(input: Buffer, from: number) {
  need(input, from, 7);
  if (input.readUInt32LE(from) !== MAGIC)
    throw new UnreadableRecords("the lz4 data does not begin with its magic number");
  const flags = input[from + 4]!;
  if (flags >>> 6 !== 1) throw new UnreadableRecords(`lz4 frame version ${flags >>> 6}; accepted: 1`);
  if ((flags & DICTIONARY) !== 0) throw new UnreadableRecords("the lz4 frame needs a dictionary");
  const blocks = from + 7 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0);
  need(input, from, blocks - from);
  return {
    blocks,
    blockChecksums: (flags & BLOCK_CHECKSUM) !== 0,
    contentChecksum: (flags & CONTENT_CHECKSUM) !== 0,
  };
}

function decodeBlock(input: Buffer, from: number, end: number, output: Growing, frameStart: number): void {
  let at = from;
  const lengthFrom = (first: number): number => {
    let length = first;
    if (first === 15) {
      for (let byte = 255; byte === 255;) {
        if (at >= end) throw cut();
        byte = input[at++]!;
        length += byte;
      }
    }
    return length;
  };
  while (at < end) {
    const token = input[at++]!;
    const literals = lengthFrom(token >>> 4);
    if (at + literals > end) throw cut();
    output.append(input, at, literals);
    at += literals;
    if (at === end) return;
    if (at + 2 > end) throw cut();
    const offset = input.readUInt16LE(at);
    at += 2;
    if (offset === 0 || offset > output.size - frameStart)
      throw new UnreadableRecords("the lz4 data copies from before its beginning");
    output.repeat(offset, lengthFrom(token & 15) + 4);
  }
}

interface Growing {
  readonly size: number;
  append(from: Buffer, start: number, length: number): void;
  /** `length` bytes again from `offset` before the end; they may overlap what they make. */
  repeat(offset: number, length: number): void;
  bytes(): Buffer;
}

/** Output of unknown length, doubled as needed. */
function growing(firstBytes: number, maxBytes: number): Growing {
  let buffer = Buffer.allocUnsafeSlow(firstBytes);
  let size = 0;
  const room = (more: number): void => {
    if (size + more > maxBytes) throw new UnreadableRecords(`the batch inflates to more than ${maxBytes} bytes`);
    if (size + more <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(size + more, buffer.length * 2)));
    buffer.copy(larger, 0, 0, size);
    buffer = larger;
  };
  return {
    get size() {
      return size;
    },
    append(from, start, length) {
      room(length);
      from.copy(buffer, size, start, start + length);
      size += length;
    },
    repeat(offset, length) {
      room(length);
      if (offset >= length) buffer.copyWithin(size, size - offset, size - offset + length);
      else for (let i = 0; i < length; i++) buffer[size + i] = buffer[size + i - offset]!;
      size += length;
    },
    bytes: () => buffer.subarray(0, size),
  };
}

function need(input: Buffer, at: number, bytes: number): void {
  if (at + bytes > input.length) throw cut();
}

const cut = (): UnreadableRecords => new UnreadableRecords("the lz4 data is cut off");
