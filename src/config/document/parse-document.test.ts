import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../core/json.ts";
import { parseDocument } from "./parse-document.ts";

describe("values", () => {
  test.each<[string, unknown]>([
    ["a: 1\nb: [x, 'y', \"z\"]\n", { a: 1, b: ["x", "y", "z"] }],
    ["yes", "yes"], // YAML 1.2: no such booleans
    ["on: off", { on: "off" }],
    ["a: 012", { a: 12 }],
    ["a: 0x1F\nb: 0o17", { a: 31, b: 15 }],
    ["a: ~\nb:\nc: null", { a: null, b: null, c: null }],
    ["1: a\nnull: b\ntrue: c", { "1": "a", null: "b", true: "c" }],
    ["a: 9007199254740993", { a: 9007199254740993n }],
    ['{"a": 9007199254740993}', { a: 9007199254740993n }],
    ["a: -9007199254740991", { a: -9007199254740991 }],
    ["a: -0", { a: 0 }],
    ["a: !!str 5", { a: "5" }],
    ["a: &x {b: 1}\nc: *x", { a: { b: 1 }, c: { b: 1 } }],
    ["<<: {a: 1}", { "<<": { a: 1 } }],
    ["\uFEFFa: 1", { a: 1 }],
    ['{"a": "\\ud800"}', { a: "\uFFFD" }],
    ["a: '\\ud83d\\ude00'", { a: "\\ud83d\\ude00" }],
    ['a: "\\ud83d\\ude00"', { a: "😀" }],
    ["", null],
    ["# nothing\n", null],
    ["---\na: 1\n", { a: 1 }],
    ['{"a": 1,} # more than JSON', { a: 1 }],
  ])("%j", (text, value) => {
    expect(parseDocument(text).value).toEqual(value);
  });

  test("__proto__ is an ordinary key", () => {
    const value = parseDocument("__proto__: {a: 1}").value as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("JSON text means the same whether JSON's decoder or YAML's reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("", "  ", "\t"), (value, indent) => {
        const text = JSON.stringify({ value }, null, indent);
        const json = parseDocument(text);
        const yaml = parseDocument(`# a comment, which is no JSON\n${text}`);
        expect(json.problems).toEqual([]);
        expect(yaml.value).toEqual(json.value);
        const expected = parseJson(text);
        expect(json.value).toEqual(expected.ok ? expected.value : undefined);
      }),
      { numRuns: 300 },
    );
  });
});

describe("problems", () => {
  test.each<[string, string, number, number]>([
    ["a: 1\na: 2\n", "duplicate-key", 2, 1],
    ['{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate-key", 1, 24],
    ["a: .nan", "bad-number", 1, 4],
    ["a: 1e400", "bad-number", 1, 4],
    ['{"a": 1e400}', "bad-number", 1, 7],
    ["a: !x b", "custom-tag", 1, 7],
    ["a: !!binary aGk=", "custom-tag", 1, 13],
    ["? [a]\n: b", "syntax", 1, 3],
    ["a: *b", "alias", 1, 4],
    ["a: &b [*b]", "alias", 1, 8],
    ["a: 1\n---\nb: 1", "syntax", 2, 1],
    ["%YAML 1.1\n---\na: yes", "syntax", 1, 1],
    ["a: [", "syntax", 1, 5],
    ["a: 'b", "syntax", 1, 6],
    // How deep the reader itself gets depends on the room it has.
    [`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "too-deep", 1, 0],
    [`${"[".repeat(300)}${"]".repeat(300)}`, "too-deep", 1, 201],
    [Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), "too-deep", 201, 201],
    [`{"a": ${"[".repeat(300)}${"]".repeat(300)}}`, "too-deep", 1, 206],
  ])("case %#", (text, code, line, column) => {
    const { value, problems } = parseDocument(text);
    expect(value).toBeUndefined();
    expect(problems[0]).toMatchObject(column === 0 ? { code, line } : { code, line, column });
  });

  test("all of a document are told at once", () => {
    const { problems } = parseDocument("a: 1\na: 2\nb: .inf\nc: !x d\n");
    expect(problems.map(({ code }) => code)).toEqual(["duplicate-key", "bad-number", "custom-tag"]);
  });

  test("aliases that unfold without end are refused, and soon", () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    const { value, problems } = parseDocument(lines.join("\n"));
    expect(value).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]!.code).toBe("alias");
  });
});

describe("positions", () => {
  const text = `{
  "name": "x",
  "actions": [
    {"id": "a", "payload": {"k": [1, 2]}}
  ]
}`;
  const yaml = `name: x
actions:
  - id: a
    payload:
      k: [1, 2]
  - &second {id: b}
  - *second
`;
  test.each<[string, (string | number)[], "value" | "key", number, number]>([
    [text, [], "value", 1, 1],
    [text, ["name"], "value", 2, 11],
    [text, ["name"], "key", 2, 3],
    [text, ["actions", 0, "payload", "k", 1], "value", 4, 38],
    [text, ["actions", 0, "missing"], "value", 4, 5], // the object that lacks it
    [text, ["actions", 7], "value", 3, 14],
    [yaml, [], "value", 1, 1],
    [yaml, ["actions", 0, "payload"], "key", 4, 5],
    [yaml, ["actions", 0, "payload", "k", 0], "value", 5, 11],
    [yaml, ["actions", 2, "id"], "value", 6, 18], // behind the alias
    [yaml, ["missing", "deeper"], "value", 1, 1],
    ["", ["a"], "value", 1, 1],
  ])("%#: %j %s", (source, path, what, line, column) => {
    expect(parseDocument(source).locate(path, what)).toEqual({ line, column });
  });
});

test("no text makes it throw, and every problem has a place in it", () => {
  const piece = fc.constantFrom(
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "|",
    ">",
    "&a ",
    "*a",
    "!t ",
    "#",
    "---\n",
    "%",
    "? ",
    "${env:X}",
    "\\u",
    "1e9",
    "\0",
    "\uD800",
    "<<",
    "...\n",
    "~",
    "=",
    "@",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      const { value, problems, locate } = parseDocument(text);
      expect(value === undefined).toBe(problems.length > 0);
      for (const { line, column } of [...problems, locate(["a", 0, "a"], "key")]) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split("\n").length);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, number, number]>([
  ['{"a": 1} // why', 1, 10],
  ['{\n  "a": 1, # why\n  "b": 2\n}', 2, 11],
  ['{"a": 1,}', 1, 8],
  ["{'a': 1}", 1, 2],
  ["{a: 1}", 1, 2],
  ["a: 1", 1, 1],
  ['{"a": yes}', 1, 7],
])("in a .json file only JSON is read: %j", (text, line, column) => {
  const { value, problems } = parseDocument(text, "json");
  expect(value).toBeUndefined();
  expect(problems).toMatchObject([{ code: "syntax", line, column }]);
});
