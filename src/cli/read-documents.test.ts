import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const read = async (text: string): Promise<unknown[]> => {
  const found = [];
  for await (const { text: document, line } of readDocuments(Readable.from([text]), "f")) found.push([document, line]);
  return found;
};

test.each([
  [
    "NDJSON",
    '{"a":1}\n\n{"b":2}\n',
    [
      ['{"a":1}', 1],
      ['{"b":2}', 3],
    ],
  ],
  [
    "no last line feed",
    '{"a":1}\r\n{"b":2}',
    [
      ['{"a":1}', 1],
      ['{"b":2}', 2],
    ],
  ],
  ["byte order mark", '\uFEFF{"a":1}', [['{"a":1}', 1]]],
  [
    "one array on one line",
    '[{"a":1},{"b":2}]',
    [
      ['{"a":1}', 1],
      ['{"b":2}', 1],
    ],
  ],
  ["JSON over lines", '{\n "a": 9007199254740993\n}', [['{"a":9007199254740993}', 1]]],
  [
    "array over lines",
    '[\n {"a":1},\n {"b":2}\n]\n',
    [
      ['{"a":1}', 1],
      ['{"b":2}', 1],
    ],
  ],
  ["nothing", "\n\n", []],
])("%s", async (_name, text, expected) => {
  expect(await read(text)).toEqual(expected);
});

test.each([
  ['{"a":1}\n{"b"\n', "f, line 2: not valid JSON"],
  ["{\nfoo", "f is neither NDJSON nor JSON: not valid JSON"],
])("%j is refused", async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({ code: "bad_input", message: expect.stringContaining(message) });
});
