import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { syslogFramer } from "./syslog-framer.ts";

const read = (chunks: readonly Buffer[], maxBytes = 20): string[] => {
  const framer = syslogFramer(maxBytes);
  const messages: string[] = [];
  for (const chunk of chunks) {
    for (const { bytes } of framer.push(chunk)) messages.push(bytes.toString());
    if (framer.fault) return [...messages, framer.fault.reason];
  }
  const last = framer.end();
  if (last) messages.push(last.bytes.toString());
  return messages;
};

describe("framings", () => {
  test.each<[string, string[]]>([
    ["5 <1>ab6 <2>abc", ["<1>ab", "<2>abc"]],
    ["5 <1>ab\n6 <2>abc\r\n", ["<1>ab", "<2>abc"]],
    ["6 <1>ab\n5 <2>ab", ["<1>ab", "<2>ab"]],
    ["11 <1>a\n<0>b\nc3 <2>", ["<1>a\n<0>b\nc", "<2>"]],
    ["5 <1>ä5 <2>ä", ["<1>ä", "<2>ä"]],
    ["3 <1>0 3 <2>", ["<1>", "<2>"]],
    ["9 <1>ab", ["<1>ab"]],
    ["5 <1>ab9", ["<1>ab"]],
    ["5 <1>abx", ["<1>ab", "bad_frame"]],
    ["5 <1>ab<2>c\n", ["<1>ab", "bad_frame"]],
    ["5 <1>ab 5 <2>ab", ["<1>ab", "bad_frame"]],
    ["5 <1>ab12345678", ["<1>ab", "bad_frame"]],
    ["5 <1>ab21 <", ["<1>ab", "too_large"]],
    ["9999999 <", ["too_large"]],
    ["<1>ab\n<2>c\n", ["<1>ab", "<2>c"]],
    ["<1>ab\r\n<2>c", ["<1>ab", "<2>c"]],
    ["<1>ab\0\n", ["<1>ab"]],
    ["<1>ab\n5 <2>ab\n", ["<1>ab", "5 <2>ab"]],
    ["5 apples\n<1>a\n", ["5 apples", "<1>a"]],
    ["05 <1>ab\n", ["05 <1>ab"]],
    ["12345678 <1>\n", ["12345678 <1>"]],
    ["12", ["12"]],
    ["12 ", ["12 "]],
    ["\n\n<1>a\n", ["<1>a"]],
    ["", []],
  ])("%j", (text, messages) => {
    const bytes = Buffer.from(text);
    expect(read([bytes])).toEqual(messages);
    expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(messages);
  });

  test("chunks do not matter, whatever the bytes", () => {
    const piece = fc.oneof(
      fc.constantFrom("5 <1>ab", "<1>a\n", "\n", " ", "12", "0", "<", "21 <1>", "20 <1>"),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const chunks = pieces.map((each) => Buffer.from(each));
        expect(read(chunks)).toEqual(read([Buffer.concat(chunks)]));
      }),
      { numRuns: 300 },
    );
  });

  test("a count promises nothing that memory is held for", () => {
    const framer = syslogFramer(1_000_000);
    framer.push(Buffer.from("999999 <1>"));
    expect(framer.held).toBe(3);
  });
});
