import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchRecord, CODEC, recordBatch, varint } from "../../../test/kit/kafka-batch.ts";
import { installCodecs, MAX_INFLATED_BYTES } from "./kafka-codecs.ts";
import { decodeLz4 } from "./kafka-lz4.ts";
import { emptyRecords, MAX_RECORDS } from "./kafka-records.ts";
import { decodeSnappy } from "./kafka-snappy.ts";
import { UnreadableRecords } from "./kafka-unreadable.ts";

// The decoder of kafkajs itself, over our codecs: whether the two fit is the question.
const load = createRequire(import.meta.url);
const Decoder = load("kafkajs/src/protocol/decoder.js") as new (bytes: Buffer) => object;
const decodeMessages = load("kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js") as (
  decoder: object,
) => Promise<readonly Decoded[]>;
const registry = load("kafkajs/src/protocol/message/compression/index.js") as { Codecs: object };
const unreadable = installCodecs(registry.Codecs);

interface Decoded {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What a fetch response holds for a partition: the batches behind their size. */
function response(...batches: readonly Buffer[]): object {
  const size = Buffer.alloc(4);
  const all = Buffer.concat(batches);
  size.writeInt32BE(all.length);
  const bytes = Buffer.allocUnsafeSlow(4 + all.length);
  size.copy(bytes);
  all.copy(bytes, 4);
  return new Decoder(bytes);
}

const { gzip: GZIP, snappy: SNAPPY, lz4: LZ4, zstd: ZSTD } = CODEC;

const recorded = JSON.parse(readFileSync("test/fixtures/kafka/batches.json", "utf8")) as Record<string, string>;

describe("batches of real producers", () => {
  test.each(Object.entries(recorded))("%s", async (name, base64) => {
    const [client, codec] = name.split(" ");
    const records = await decodeMessages(response(Buffer.from(base64, "base64")));
    expect(records.map(({ value }) => JSON.parse(String(value)))).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ n, codec, filler: "abcabcabcabc" })),
    );
    expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
    if (client === "java") expect(records.map(({ key }) => String(key))).toContain("k19");
    expect(records.some(({ value }) => unreadable.of(value))).toBe(false);
  });
});

describe("a batch that cannot be read stands there with its offsets, and what follows is read", () => {
  const good = recordBatch(batchRecord('{"after":1}'), { first: 100n });
  const bomb = gzipSync(Buffer.alloc(MAX_INFLATED_BYTES + 1));
  test.each<[string, Buffer, { codec?: number; count?: number }, string]>([
    ["gzip that is none", Buffer.from("nonsense"), { codec: GZIP }, "does not inflate"],
    ["gzip that is cut off", gzipSync(batchRecord("x")).subarray(0, -9), { codec: GZIP }, "does not inflate"],
    ["gzip beyond the bound", bomb, { codec: GZIP }, "inflates to more than"],
    ["zstd that is none", Buffer.from("nonsense"), { codec: ZSTD }, "does not inflate"],
    ["zstd beyond the bound", zstdCompressSync(Buffer.alloc(MAX_INFLATED_BYTES + 1)), { codec: ZSTD }, "more than"],
    [
      "zstd of empty frames",
      Buffer.concat(Array.from({ length: 1001 }, () => zstdCompressSync(Buffer.alloc(0)))),
      { codec: ZSTD },
      "frames",
    ],
    ["lz4 that is none", Buffer.from("nonsense"), { codec: LZ4 }, "magic"],
    ["snappy that announces too much", Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]), { codec: SNAPPY }, "more than"],
    ["fewer records than announced", batchRecord("x"), { count: 2 }, "ends inside a number"],
    ["a record that is longer than the batch", Buffer.from([...varint(50), 0, 0, 0]), {}, "does not fill"],
    ["a record of negative length", Buffer.from(varint(-20)), {}, "does not fill"],
    ["a value beyond its record", Buffer.from([...varint(6), 0, 0, 0, 1, ...varint(60), 0]), {}, "inside a field"],
    ["bytes left in a record", batchRecord("x", 0, [0, 0]), {}, "does not fill"],
    ["a number without end", Buffer.alloc(20, 0xff), {}, "inside a number"],
    ["a billion headers", batchRecord("x", 0, varint(1e9)), {}, "headers"],
    ["headers beyond the record", batchRecord("x", 0, varint(3)), {}, "inside a number"],
  ])("%s", async (_, records, fields, reason) => {
    const count = fields.count ?? 1;
    const bad = recordBatch(records, { first: 7n, ...fields });
    const found = await decodeMessages(response(bad, good));
    expect(found.map(({ offset }) => offset)).toEqual([
      ...Array.from({ length: count }, (_, n) => String(7 + n)),
      "100",
    ]);
    const [first, ...rest] = found;
    expect(unreadable.of(first!.value)?.reason).toContain(reason);
    expect(String(rest.at(-1)!.value)).toBe('{"after":1}');
    expect(unreadable.of(rest.at(-1)!.value)).toBeUndefined();
  });

  test("its last offset is that of the batch, where records between are gone", async () => {
    const bad = recordBatch(Buffer.from("nonsense"), { codec: LZ4, first: 5n, count: 3, span: 40 });
    const found = await decodeMessages(response(bad));
    expect(found.map(({ offset }) => offset)).toEqual(["5", "6", "45"]);
    expect(new Set(found.map(({ value }) => unreadable.of(value))).size).toBe(1);
  });

  test("up to the most records there may be", async () => {
    const bad = recordBatch(Buffer.from("nonsense"), { codec: LZ4, count: MAX_RECORDS });
    const found = await decodeMessages(response(bad));
    expect(found).toHaveLength(MAX_RECORDS);
    expect(found.at(-1)!.offset).toBe(String(MAX_RECORDS - 1));
  });
});

describe("bounds", () => {
  test("a batch of too many records ends the reading with its offsets, but only when nothing lies before it", async () => {
    const count = MAX_RECORDS + 1;
    const many = recordBatch(emptyRecords({ first: 3n, last: 3n + BigInt(count), count }), { first: 3n, count });
    const error = await decodeMessages(response(many)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "OversizedBatch", retriable: false, range: { first: 3n, count } });
    const found = await decodeMessages(response(recordBatch(batchRecord("x"), {}), many));
    expect(found.map(({ offset }) => offset)).toEqual(["0"]);
  });

  test("a response that inflates to too much is read in part, and its first batch always", async () => {
    const large = gzipSync(batchRecord("x".repeat(20 * 1024 * 1024)));
    const batches = [0n, 1n, 2n].map((first) => recordBatch(large, { codec: GZIP, first }));
    const found = await decodeMessages(response(...batches));
    expect(found.map(({ offset }) => offset)).toEqual(["0", "1"]);
  });

  test("installing twice gives the same", () => expect(installCodecs(registry.Codecs)).toBe(unreadable));
});

describe("old message sets", () => {
  const message = (value: Buffer, codec: number): Buffer => {
    const bytes = Buffer.alloc(34 + value.length);
    bytes.writeBigInt64BE(9n, 0);
    bytes.writeInt32BE(22 + value.length, 8);
    bytes[16] = 1;
    bytes[17] = codec;
    bytes.writeInt32BE(-1, 26);
    bytes.writeInt32BE(value.length, 30);
    value.copy(bytes, 34);
    return bytes;
  };
  const read = async (bytes: Buffer) =>
    (await decodeMessages(response(bytes))).map(({ offset, value }) => [
      offset,
      String(value),
      unreadable.of(value)?.reason,
    ]);

  test("plain", async () => expect(await read(message(Buffer.from("a"), 0))).toEqual([["9", "a", undefined]]));
  test("compressed", async () =>
    expect(await read(message(gzipSync(message(Buffer.from("a"), 0)), GZIP))).toEqual([["9", "a", undefined]]));
  test.each([
    ["does not inflate", Buffer.from("nonsense")],
    ["is empty", gzipSync(Buffer.alloc(0))],
    ["does not fill", gzipSync(message(Buffer.from("abc"), 0).subarray(0, -1))],
    ["does not fill", gzipSync(Buffer.alloc(40, 0xff))],
  ])("unreadable: %s", async (reason, value) =>
    expect(await read(message(value, GZIP))).toEqual([["9", "", expect.stringContaining(reason)]]),
  );
});

/** Runs of literals and copies, with what they give: everything an encoder could have written. */
const pieces = fc.array(
  fc.oneof(
    fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
    fc.record({ back: fc.integer({ min: 1, max: 70_000 }), length: fc.integer({ min: 4, max: 64 }) }),
  ),
  { minLength: 1, maxLength: 40 },
);
type Piece = { readonly literal: Uint8Array } | { readonly back: number; readonly length: number };

function expand(all: readonly Piece[]): { readonly plain: Buffer; readonly used: readonly Piece[] } {
  const plain: number[] = [];
  const used: Piece[] = [];
  for (const piece of all) {
    if ("literal" in piece) plain.push(...piece.literal);
    else {
      if (plain.length === 0) continue;
      const back = ((piece.back - 1) % Math.min(plain.length, 65_535)) + 1;
      for (let i = 0; i < piece.length; i++) plain.push(plain[plain.length - back]!);
      used.push({ back, length: piece.length });
      continue;
    }
    used.push(piece);
  }
  return { plain: Buffer.from(plain), used };
}

describe("snappy", () => {
  const raw = (all: readonly Piece[], length: number): Buffer => {
    const bytes: number[] = [];
    for (let rest = length; ; rest >>>= 7) {
      bytes.push(rest >= 128 ? (rest & 127) | 128 : rest);
      if (rest < 128) break;
    }
    for (const piece of all) {
      if ("literal" in piece) {
        const less = piece.literal.length - 1;
        if (less < 60) bytes.push(less << 2);
        else if (less < 256) bytes.push(60 << 2, less);
        else bytes.push(61 << 2, less & 255, less >> 8);
        bytes.push(...piece.literal);
      } else if (piece.length < 12 && piece.back < 2048)
        bytes.push(1 | ((piece.length - 4) << 2) | ((piece.back >> 8) << 5), piece.back & 255);
      else if (piece.back % 2 === 0) bytes.push(2 | ((piece.length - 1) << 2), piece.back & 255, piece.back >> 8);
      else bytes.push(3 | ((piece.length - 1) << 2), piece.back & 255, piece.back >> 8, 0, 0);
    }
    return Buffer.from(bytes);
  };

  test("whatever an encoder writes is read, raw and framed", () =>
    fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        const { plain, used } = expand(all);
        const block = raw(used, plain.length);
        expect((await decodeSnappy(block, 1e6)).equals(plain)).toBe(true);
        const size = Buffer.alloc(4);
        size.writeUInt32BE(block.length);
        const frame = Buffer.concat([
          Buffer.from("82534e415050590000000001000000 01".replace(" ", ""), "hex"),
          size,
          block,
          size,
          block,
        ]);
        expect((await decodeSnappy(frame, 1e6)).equals(Buffer.concat([plain, plain]))).toBe(true);
      }),
    ));

  test.each([
    ["no length", [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "no length"],
    ["nothing", [], "no length"],
    ["fewer bytes than announced", [5, 0, 65], "gives 1 bytes where 5"],
    ["more bytes than announced", [1, 4, 65, 66], "more bytes than announced"],
    ["a literal beyond the end", [9, 32, 65], "cut off"],
    ["a literal length beyond the end", [9, 63 << 2, 1], "cut off"],
    ["a literal of four gigabytes", [9, 63 << 2, 255, 255, 255, 255], "cut off"],
    ["a copy from before the beginning", [9, 0, 65, 1, 2], "before its beginning"],
    ["a copy from nowhere", [9, 0, 65, 1, 0], "before its beginning"],
    ["a copy beyond the length", [4, 0, 65, 1 | (7 << 2), 1], "more bytes than announced"],
    ["a copy that is cut off", [9, 0, 65, 3, 1, 0], "cut off"],
  ])("%s", async (_, bytes, message) => expect(decodeSnappy(Buffer.from(bytes), 1000)).rejects.toThrow(message));
  test.each([
    ["82534e4150505900000000010000000100000009", "cut off"],
    ["82534e41505059000000000100000001ffff", "cut off"],
    ["82534e4150505900", ""],
  ])("a frame %s", async (hex, message) => {
    const result = await decodeSnappy(Buffer.from(hex, "hex"), 1000).catch((error: unknown) => error);
    if (message === "") expect(result).toEqual(Buffer.alloc(0));
    else expect(String(result)).toContain(message);
  });
});

describe("lz4", () => {
  const extended = (length: number): readonly number[] => {
    const bytes: number[] = [];
    let rest = length - 15;
    for (; rest >= 255; rest -= 255) bytes.push(255);
    return rest < 0 ? [] : [...bytes, rest];
  };
  /** Literals and a match make a sequence; the last one has literals alone. */
  const block = (all: readonly Piece[]): Buffer => {
    const bytes: number[] = [];
    let literal: readonly number[] = [];
    for (const piece of all) {
      if ("literal" in piece) {
        literal = [...literal, ...piece.literal];
        continue;
      }
      const match = piece.length - 4;
      bytes.push((Math.min(15, literal.length) << 4) | Math.min(15, match), ...extended(literal.length), ...literal);
      bytes.push(piece.back & 255, piece.back >> 8, ...extended(match));
      literal = [];
    }
    return Buffer.from([...bytes, Math.min(15, literal.length) << 4, ...extended(literal.length), ...literal]);
  };
  const frame = (flags: number, ...blocks: readonly Buffer[]): Buffer => {
    const size = (length: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length);
      return bytes;
    };
    return Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40]),
      Buffer.alloc((flags & 8) !== 0 ? 8 : 0),
      Buffer.alloc(1),
      ...blocks.flatMap((each) => [size(each.length), each, Buffer.alloc((flags & 16) !== 0 ? 4 : 0)]),
      size(0),
      Buffer.alloc((flags & 4) !== 0 ? 4 : 0),
    ]);
  };

  test("whatever an encoder writes is read, in frames of every kind", () =>
    fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom(0x40, 0x60, 0x64, 0x70, 0x68, 0x7c), async (all, flags) => {
        const { plain, used } = expand(all);
        const bytes = frame(flags, block(used));
        expect((await decodeLz4(bytes, 1e6)).equals(plain)).toBe(true);
        expect((await decodeLz4(Buffer.concat([bytes, bytes]), 1e6)).equals(Buffer.concat([plain, plain]))).toBe(true);
      }),
    ));
  test("a match reaches into the block before", async () => {
    const bytes = frame(0x40, block([{ literal: Buffer.from("abcd") }]), block([{ back: 4, length: 8 }]));
    expect(String(await decodeLz4(bytes, 100))).toBe("abcdabcdabcd");
  });
  test("a stored block", async () => {
    const bytes = frame(0x60, Buffer.from("abc"));
    bytes[10] = 0x80; // the top bit of the size
    expect(String(await decodeLz4(bytes, 100))).toBe("abc");
  });

  test.each([
    ["a cut frame", frame(0x60, block([{ literal: Buffer.from("abc") }])).subarray(0, -5), "cut off"],
    ["no blocks", frame(0x60).subarray(0, 7), "cut off"],
    ["another version", frame(0xa0), "version 2"],
    ["a dictionary", frame(0x61), "dictionary"],
    ["a match from before the beginning", frame(0x60, Buffer.from([0x10, 65, 2, 0])), "before its beginning"],
    ["a match from nowhere", frame(0x60, Buffer.from([0x10, 65, 0, 0])), "before its beginning"],
    ["literals beyond the block", frame(0x60, Buffer.from([0x50, 65])), "cut off"],
    ["a length without end", frame(0x60, Buffer.from([0xf0, 255, 255])), "cut off"],
    ["a match without offset", frame(0x60, Buffer.from([0x10, 65, 1])), "cut off"],
    [
      "more than the bound",
      frame(0x60, Buffer.from([0x1f, 65, 1, 0, 255, 255, 255, 255, 255, 255, 0])),
      "more than 1000",
    ],
    ["something behind the frame", Buffer.concat([frame(0x60), Buffer.from("12345678")]), "magic"],
  ])("%s", async (_, bytes, message) => expect(decodeLz4(bytes, 1000)).rejects.toThrow(message));
});

test("any bytes are an error or a result within the bound, and every codec comes to an end", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(decodeSnappy, decodeLz4),
      fc.constantFrom(...Object.values(recorded)),
      fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { minLength: 1, maxLength: 20 }),
      async (decode, base64, changes) => {
        const bytes = Buffer.from(base64, "base64").subarray(61);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const result = await decode(bytes, 4096).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(UnreadableRecords);
        else expect((result as Buffer).length).toBeLessThanOrEqual(4096);
      },
    ),
    { numRuns: 1000 },
  ));
