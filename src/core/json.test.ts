import { describe, expect, test } from "vitest";
import { member, parseJson, printJson, setMember, type Json, type MutableJsonObject } from "./json.ts";

const parsed = (text: string) => {
  const result = parseJson(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

describe("numbers", () => {
  test.each([
    ["1795253147576767292", 1795253147576767292n],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-18446744073709551616", -18446744073709551616n],
    ["1234567890123456.5", 1234567890123456.5],
    ["1.0", 1],
    ["1e21", 1e21],
    ["1e300", 1e300],
  ])("%s is read exactly", (text, value) => expect(parsed(text)).toBe(value));

  test.each(["1795253147576767292", "123456789012345678901234567890", "-9007199254740993", "41.5", "1513", "[1e+21]"])(
    "%s comes out as it came in",
    (text) => expect(printJson(parsed(text))).toBe(text),
  );

  test("minus zero prints 0", () => expect(printJson(parsed("-0"))).toBe("0"));
  test("a number beyond every double is refused", () =>
    expect(parseJson('{"a":1e400}')).toEqual({
      ok: false,
      error: { kind: "number", message: "the number 1e400 is too large" },
    }));
  test("long digits inside a string do not become numbers", () =>
    expect(parsed('{"a":"1795253147576767292"}')).toEqual({ a: "1795253147576767292" }));
});

describe("text", () => {
  test("a lone surrogate becomes U+FFFD", () => expect(parsed('"a\\ud83db"')).toBe("a\ufffdb"));
  test("one that stands in the text itself, too", () => {
    expect(parsed('{"a":["x\ud83d"]}')).toEqual({ a: ["x\ufffd"] });
    expect(parsed('{"\udc00":1}')).toEqual({ "\ufffd": 1 });
  });
  test("what only looks like an escape stays", () =>
    expect(parsed('{"a":"C:\\\\ud83d\\\\users"}')).toEqual({ a: "C:\\ud83d\\users" }));
  test("a pair stays", () => expect(parsed('"\\ud83d\\ude00"')).toBe("😀"));
  test("a lone surrogate in a key too", () =>
    expect(Object.keys(parsed('{"\\ud83d":1}') as object)).toEqual(["\ufffd"]));
});

describe("depth", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  test("128 levels pass", () => expect(parseJson(nested(128)).ok).toBe(true));
  test("129 do not", () =>
    expect(parseJson(nested(129))).toEqual({
      ok: false,
      error: { kind: "depth", message: "nested deeper than 128 levels" },
    }));
  test("a million do not overflow the stack", () => expect(parseJson(nested(1_000_000)).ok).toBe(false));
});

test("__proto__ is an ordinary key", () => {
  const value = parsed('{"__proto__":{"polluted":true}}');
  expect(member(value as MutableJsonObject, "__proto__")).toEqual({ polluted: true });
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  const built: MutableJsonObject = {};
  setMember(built, "__proto__", 1);
  expect(printJson(built)).toBe('{"__proto__":1}');
  expect(member({}, "toString")).toBeUndefined();
});

test("bad text is an error value", () => expect(parseJson("{")).toMatchObject({ ok: false }));

test.each([
  "9007199254740993",
  "[1,[-9007199254740993],2]",
  '{"a":"text","b":9007199254740993,"c":null,"d":{"e":[true,{"f":-9007199254740993}],"g":{}}}',
  '{"__proto__":9007199254740993,"a":{"__proto__":{"b":9007199254740993}}}',
])("%s is printed as it was read, and what was read stays as it is", (text) => {
  const value = parsed(text);
  expect(printJson(value as Json)).toBe(text);
  expect(value).toEqual(parsed(text));
});
