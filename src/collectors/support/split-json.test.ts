import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSplitter, splitLines, type SplitMode } from "./split-json.ts";

function split(text: string, mode: SplitMode, step = 1_000_000) {
  const bytes = Buffer.from(text);
  const splitter = createSplitter(bytes, mode, 1000);
  let steps = 0;
  while (!splitter.step(step)) if (++steps > bytes.length + 1) throw new Error("hangs");
  const { starts, ends, depths } = splitter.spans;
  return {
    problem: splitter.problem,
    pieces: starts.map((start, i) => bytes.toString("utf8", start, ends[i]).trim()),
    depths,
  };
}

describe("array", () => {
  test.each<[string, string[], number[]]>([
    ["[]", [], []],
    [" [ ] ", [], []],
    ["[1]", ["1"], [0]],
    ['[1, "a,b" ,true]', ["1", '"a,b"', "true"], [0, 0, 0]],
    ['[{"a":[1,2]},[3,[4]],5]', ['{"a":[1,2]}', "[3,[4]]", "5"], [2, 2, 0]],
    [String.raw`["\"],[", "\\", "\\\"" ]`, [String.raw`"\"],["`, String.raw`"\\"`, String.raw`"\\\""`], [0, 0, 0]],
    ["[1,,2,]", ["1", "", "2", ""], [0, 0, 0, 0]],
    ['[{"a":1}x,{"b":2}]', ['{"a":1}x', '{"b":2}'], [1, 1]],
    ['["é",{"ü":"]"}]', ['"é"', '{"ü":"]"}'], [0, 1]],
  ])("%s", (text, pieces, depths) => expect(split(text, "array")).toEqual({ problem: null, pieces, depths }));

  test.each([
    ["[", "the array is not closed"],
    ["[1", "the array is not closed"],
    ['["]', "the array is not closed"],
    ["[1}", "an unexpected } at byte 2"],
    ["[1]]", "text after the end of the array, at byte 3"],
    ["[1] [2]", "text after the end of the array, at byte 4"],
  ])("%s: %s", (text, problem) => expect(split(text, "array").problem).toBe(problem));
});

describe("values", () => {
  test.each<[string, string[]]>([
    ['{"a":1}', ['{"a":1}']],
    ['{"a":1}{"b":"}{"}\n[1,2]', ['{"a":1}', '{"b":"}{"}', "[1,2]"]],
    ['{"a":1}{"b":', ['{"a":1}', '{"b":']],
    ['{"a":"', ['{"a":"']],
  ])("%s", (text, pieces) => expect(split(text, "values")).toMatchObject({ problem: null, pieces }));

  test.each([
    ["1 2", "expected { or [ at byte 0"],
    ['{"a":1} x', "expected { or [ at byte 8"],
    ['{"a":1},{"b":1}', "expected { or [ at byte 7"],
    ['{"a":1} "x"', "expected { or [ at byte 8"],
    ['{"a":1}}', "an unexpected } at byte 7"],
  ])("%s: %s", (text, problem) => expect(split(text, "values").problem).toBe(problem));
});

test("more documents than allowed", () =>
  expect(split(`[${"1,".repeat(1001)}1]`, "array").problem).toBe("more than 1000 documents"));

describe("for every JSON", () => {
  const element = fc.json({ maxDepth: 4 });
  test("an array falls into its elements, whatever the size of the steps", () =>
    fc.assert(
      fc.property(
        fc.array(element),
        fc.constantFrom(",", " ,\n"),
        fc.integer({ min: 1, max: 50 }),
        (list, comma, step) => {
          const { problem, pieces, depths } = split(`[${list.join(comma)}]`, "array", step);
          expect({ problem, pieces }).toEqual({ problem: null, pieces: list });
          expect(depths).toEqual(list.map((each) => depthOf(JSON.parse(each))));
        },
      ),
    ));
  test("values stand apart without anything between them", () =>
    fc.assert(
      fc.property(
        fc.array(element.map((each) => `{"v":${each}}`)),
        fc.constantFrom("", "\n", "  "),
        fc.integer({ min: 1, max: 50 }),
        (list, between, step) => {
          expect(split(list.join(between), "values", step)).toMatchObject({ problem: null, pieces: list });
        },
      ),
    ));
  test("any text ends", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("[", "]", "{", "}", ",", '"', "\\", "a", " ")).map((parts) => parts.join("")),
        fc.integer({ min: 1, max: 9 }),
        (text, step) => {
          split(text, "values", step);
          split(`[${text}`, "array", step);
        },
      ),
    ));
});

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

test.each([
  ["", []],
  ["\n\r\n \n", []],
  ["a", ["a"]],
  [" a \r\n\nb\n", ["a", "b"]],
  ["é\nü", ["é", "ü"]],
])("lines of %j", (text, lines) => {
  const bytes = Buffer.from(text);
  const spans = splitLines(bytes, 10);
  if (typeof spans === "string") throw new Error(spans);
  expect(spans.starts.map((start, i) => bytes.toString("utf8", start, spans.ends[i]))).toEqual(lines);
});

test("more lines than allowed", () => expect(splitLines(Buffer.from("a\nb\nc"), 2)).toBe("more than 2 documents"));
