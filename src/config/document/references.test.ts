import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import { resolveReferences } from "./references.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "squall-references-"));
  writeFileSync(join(dir, "token"), "s3cret\n");
  writeFileSync(join(dir, "two-lines"), "one\r\ntwo\r\n");
  writeFileSync(join(dir, "bytes"), Buffer.from([0xff, 0xfe]));
});
afterAll(() => rmSync(dir, { recursive: true }));

const env = { NAME: "value", EMPTY: "", NESTED: "${env:NAME}", STRUCTURE: "a: [b]", NUMBER: "8080" };
const resolve = (value: Json) => {
  const issues: Issue[] = [];
  return { ...resolveReferences(value, { dir, env }, issueSink(issues)), issues };
};

describe("values", () => {
  test.each<[string, string]>([
    ["${env:NAME}", "value"],
    ["a-${env:NAME}-${env:NAME}", "a-value-value"],
    ["${env:NAME:-other}", "value"],
    ["${env:MISSING:-other}", "other"],
    ["${env:EMPTY:-other}", "other"],
    ["${env:EMPTY}", ""],
    ["${env:MISSING:-}", ""],
    ["${env:MISSING:-http://a:1/}", "http://a:1/"],
    ["${env:NESTED}", "${env:NAME}"], // never read again
    ["${env:STRUCTURE}", "a: [b]"],
    ["${env:NUMBER}", "8080"], // a string stays one
    ["${file:token}", "s3cret"],
    ["Bearer ${file:token}", "Bearer s3cret"],
    ["${file:two-lines}", "one\r\ntwo"],
    ["${event.payload.a}", "${event.payload.a}"],
    ["${environment}", "${environment}"],
    ["$env:NAME", "$env:NAME"],
  ])("%s", (text, value) => {
    const { value: found, issues } = resolve({ at: [text] });
    expect(issues).toEqual([]);
    expect(found).toEqual({ at: [value] });
  });

  test("keys, numbers and null stay as they are", () => {
    const value = { "${env:NAME}": 1, b: null, c: 9007199254740993n };
    expect(resolve(value).value).toEqual(value);
  });

  test("what came from elsewhere is known by its path", () => {
    const { references } = resolve({ a: ["x", "${env:NAME}"], b: "y" });
    expect(references.at(["a", 1])).toBe("${env:NAME}");
    expect(references.below("a").at([1])).toBe("${env:NAME}");
    expect(references.at(["b"])).toBeUndefined();
  });
});

describe("problems name what is missing, never a value", () => {
  test.each<[string, string]>([
    ["${env:MISSING}", "the variable MISSING is not set"],
    ["${env:}", "${env:} names no variable"],
    ["${env:A-B}", "${env:A-B} names no variable"],
    ["${env:constructor}", "the variable constructor is not set"],
    ["${file:nowhere}", 'the file "nowhere" cannot be read: there is no such file'],
    ["${file:.}", 'the file "." cannot be read: it is a folder'],
    ["${file:bytes}", 'the file "bytes" cannot be read: it is not UTF-8 text'],
  ])("%s", (text, message) => {
    const { issues, references } = resolve({ a: { b: text }, c: "${env:NAME}" });
    expect(issues).toMatchObject([{ severity: "error", code: "bad-reference", path: ["a", "b"], message }]);
    expect(references.isBroken(["a", "b"])).toBe(true);
    expect(references.isBroken(["c"])).toBe(false);
  });
});
