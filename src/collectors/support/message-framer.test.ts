import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineFramer, type Framer } from "./message-framer.ts";

const all = (framer: Framer, chunks: readonly Buffer[]): string[] => {
  const messages = chunks.flatMap((chunk) => framer.push(chunk));
  const rest = framer.end();
  return [...messages, ...(rest ? [rest] : [])].map(({ bytes, tooLong }) =>
    tooLong === undefined ? bytes.toString() : `${bytes.length} of ${tooLong}`,
  );
};

describe("lines", () => {
  test.each<[string, string[]]>([
    ["a\nb\n", ["a", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\0\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\rb\n", ["a\rb"]],
    ["\n\r\n\n", []],
    ["\r", []],
    ["", []],
    ["123456789\n", ["123456789"]],
    ["1234567890\n", ["1234567890"]],
    ["12345678901\nb\n", ["10 of 11", "b"]],
    ["12345678901", ["10 of 11"]],
  ])("%j", (text, lines) => {
    expect(all(lineFramer(10), [Buffer.from(text)])).toEqual(lines);
    expect(
      all(
        lineFramer(10),
        [...Buffer.from(text)].map((byte) => Buffer.of(byte)),
      ),
    ).toEqual(lines);
  });

  test("chunks do not matter", () =>
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab\r\n]{0,12}$/)), (pieces) => {
        const whole = all(lineFramer(10), [Buffer.from(pieces.join(""))]);
        expect(
          all(
            lineFramer(10),
            pieces.map((piece) => Buffer.from(piece)),
          ),
        ).toEqual(whole);
      }),
    ));

  test("of an endless line only the beginning is held", () => {
    const framer = lineFramer(10_000);
    for (let i = 0; i < 100; i++) framer.push(Buffer.alloc(10_000, "x"));
    expect(framer.held).toBe(1024);
    const [line] = framer.push(Buffer.from("\n"));
    expect(line).toMatchObject({ tooLong: 1_000_000, bytes: Buffer.alloc(1024, "x") });
    expect(framer.held).toBe(0);
  });
});
