import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineSplitter } from "./line-splitter.ts";

const split = (chunks: readonly (string | Buffer)[], maxBytes = 100) => {
  const splitter = createLineSplitter(maxBytes);
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  const last = splitter.end();
  return (last ? [...lines, last] : lines).map(({ bytes, ...rest }) => ({ text: bytes.toString(), ...rest }));
};
const texts = (...chunks: readonly (string | Buffer)[]) => split(chunks).map(({ text }) => text);

describe("lines", () => {
  test.each([
    [["a\nb\n"], ["a", "b"]],
    [["a\nb"], ["a", "b"]],
    [["a\r\nb\r\n"], ["a", "b"]],
    [
      ["a\r", "\nb"],
      ["a", "b"],
    ],
    [["a\rb\n"], ["a\rb"]],
    [["a\r"], ["a\r"]],
    [["\n\n"], ["", ""]],
    [[""], []],
    [
      ["a", "", "b", "\n", "c"],
      ["ab", "c"],
    ],
  ])("%j → %j", (chunks, expected) => expect(texts(...chunks)).toEqual(expected));

  test("a character may lie in two chunks", () => {
    const euro = Buffer.from("€");
    expect(texts(euro.subarray(0, 1), Buffer.concat([euro.subarray(1), Buffer.from("\n")]))).toEqual(["€"]);
  });
});

test("a line over the bound is told with its beginning, and the next one is whole", () => {
  expect(split(["ok\n", "x".repeat(60), "x".repeat(60), "\nnext\n"])).toEqual([
    { text: "ok", start: 0, length: 2, tooLong: false },
    { text: "x".repeat(100), start: 3, length: 120, tooLong: true },
    { text: "next", start: 124, length: 4, tooLong: false },
  ]);
});

test("of an endless line little is held", () => {
  const splitter = createLineSplitter(10_000);
  for (let n = 0; n < 1000; n++) {
    splitter.push(Buffer.alloc(5000, "x"));
    expect(splitter.held).toBeLessThanOrEqual(10_000);
  }
  expect(splitter.end()).toMatchObject({ length: 5_000_000, tooLong: true });
});

test("chunks make no difference, and positions add up", () =>
  assert(
    property(array(string({ unit: constantFrom("a", "€", "\n", "\r"), maxLength: 8 }), { maxLength: 8 }), (parts) => {
      const whole = split([parts.join("")], 1000);
      expect(split(parts, 1000)).toEqual(whole);
      let at = 0;
      for (const { start, length } of whole) {
        expect(start).toBe(at);
        at += length + 1;
      }
      const all = parts.join("");
      expect(at).toBe(Buffer.byteLength(all) + (all === "" || all.endsWith("\n") ? 0 : 1));
    }),
  ));
