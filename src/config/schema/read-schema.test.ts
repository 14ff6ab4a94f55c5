import { describe, expect, test } from "vitest";
import { z } from "zod";
import { secret } from "../../component/secret.ts";
import { duration, size } from "../../component/units.ts";
import { issueSink, type Issue } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import { resolveReferences } from "../document/references.ts";
import { readSchema } from "./read-schema.ts";

const read = (schema: z.ZodType, value: Json, env = {}) => {
  const issues: Issue[] = [];
  const sink = issueSink(issues);
  return { value: readSchema(schema, resolveReferences(value, { dir: ".", env }, sink), sink), issues };
};
/** `path code message; accepted; suggestion`. */
const told = (schema: z.ZodType, value: Json, env = {}): string[] =>
  read(schema, value, env).issues.map(({ path, code, message, accepted, suggestion }) =>
    [`${path.join(".")} ${code}: ${message}`, accepted ?? "", suggestion ?? ""].join("; ").replace(/[; ]+$/, ""),
  );

const shape = z.strictObject({
  name: z.string().min(2).max(5).default("abc"),
  count: z.int().min(1).optional(),
  ratio: z.number().positive().optional(),
  flag: z.boolean().optional(),
  level: z.enum(["info", "warn"]).optional(),
  list: z.array(z.string()).min(1).optional(),
  wait: duration().optional(),
  bytes: size().optional(),
  password: secret().optional(),
  map: z.record(z.string().regex(/^[a-z]+$/), z.int()).optional(),
  inner: z.strictObject({ host: z.string(), port: z.int().default(80) }).optional(),
  either: z.union([z.literal("none"), z.strictObject({ a: z.string() }), z.strictObject({ b: z.int() })]).optional(),
  kind: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("one"), x: z.string() }),
      z.strictObject({ type: z.literal("two"), y: z.string() }),
    ])
    .optional(),
});

describe("what is refused, in our words", () => {
  test.each<[Json, string[]]>([
    [{}, []],
    [
      5,
      [
        " wrong-type: the number 5 where an object with name, count, ratio, flag, level, list, wait, bytes, password, map, inner, either, kind is expected",
      ],
    ],
    [{ nmae: "x" }, ["nmae unknown-key"]],
    [{ name: 5 }, ["name wrong-type: the number 5 where a string is expected"]],
    [{ name: null }, ["name wrong-type: null where a string is expected"]],
    [{ name: ["x"] }, ["name wrong-type: an array where a string is expected"]],
    [{ name: "x" }, ['name bad-value: the string "x" is too short; at least 2 characters']],
    [{ name: "" }, ["name bad-value: the text is empty; at least 2 characters"]],
    [{ name: "abcdef" }, ['name bad-value: the string "abcdef" is too long; at most 5 characters']],
    [{ count: 0 }, ["count bad-value: the number 0 is too small; at least 1"]],
    [{ count: 1.5 }, ["count wrong-type: the number 1.5 where a whole number is expected"]],
    [{ count: "3" }, ['count wrong-type: the string "3" where a whole number is expected']],
    [{ count: 9007199254740993n }, ["count wrong-type: the number 9007199254740993 where a whole number is expected"]],
    [{ ratio: 0 }, ["ratio bad-value: the number 0 is too small; more than 0"]],
    [{ flag: "yes" }, ['flag wrong-type: the string "yes" where true or false is expected']],
    [{ level: "wran" }, ['level unknown-value: unknown value "wran"; info, warn; warn']],
    [{ level: 5 }, ["level wrong-type: the number 5 where info, warn is expected"]],
    [{ list: [] }, ["list bad-value: too few elements; at least 1"]],
    [{ list: ["a", 5] }, ["list.1 wrong-type: the number 5 where a string is expected"]],
    [{ wait: "soon" }, ['wait bad-value: "soon" is no duration; 500ms, 10s, 1h30m, 7d']],
    [{ wait: [] }, ["wait wrong-type: an array where a duration such as 500ms, 10s, 1h30m is expected"]],
    [{ bytes: true }, ["bytes wrong-type: the boolean true where a size such as 512kb, 5mb, 2gb is expected"]],
    [{ password: 48151623 }, ["password wrong-type: a number where a string is expected"]],
    [
      { map: { A: 1 } },
      ["map.A bad-value: the number 1 does not have the form that is expected; text that matches /^[a-z]+$/"],
    ],
    [{ map: { a: "x" } }, ['map.a wrong-type: the string "x" where a whole number is expected']],
    [{ inner: {} }, ['inner missing-key: the key "host" is missing; a string']],
    [{ inner: { hsot: "a" } }, ['inner.hsot unknown-key: unknown key "hsot"; host, port; host']],
    [{ either: "nnoe" }, ['either unknown-value: unknown value "nnoe"; none; none']],
    [{ either: 5 }, ["either wrong-type: the number 5 where none, an object with a or an object with b is expected"]],
    [{ either: { c: 1 } }, ['either.c unknown-key: unknown key "c"; a, b']],
    [{ either: { b: "x" } }, ['either.b wrong-type: the string "x" where a whole number is expected']],
    [{ either: {} }, ['either missing-key: the key "a" is missing; a string']],
    [{ kind: { type: "tow" } }, ['kind.type unknown-value: unknown value "tow"; one, two; two']],
    [{ kind: {} }, ['kind missing-key: the key "type" is missing; one or two']],
    [{ kind: { type: "two" } }, ['kind missing-key: the key "y" is missing; a string']],
    [{ name: 5, count: 0, inner: {} }, ["name", "count", "inner"]],
  ])("%#", (value, expected) => {
    const found = told(shape, value);
    expect(found).toHaveLength(expected.length);
    for (const [at, text] of expected.entries())
      expect(found[at]!.startsWith(text), `${found[at]!} is not ${text}`).toBe(true);
    expect(found.join()).not.toContain("48151623");
  });
});

describe("a variable is text, and will do where it is one of the type", () => {
  test.each<[string, string, unknown]>([
    ["count", "3", 3],
    ["ratio", "2.5", 2.5],
    ["flag", "false", false],
    ["name", "123", "123"], // a text stays one
    ["wait", "10s", 10_000],
    ["wait", "10", 10],
    ["bytes", "5mb", 5_242_880],
  ])("%s of %s", (key, text, expected) => {
    const { value, issues } = read(shape, { [key]: "${env:X}" }, { X: text });
    expect(issues).toEqual([]);
    expect((value as Record<string, unknown>)[key]).toBe(expected);
  });

  test.each(["", " 3", "3x", "03", "0x3", "1e3", "99999999999999999999", "yes"])("%j is no number", (text) => {
    const found = told(shape, { count: "${env:X}" }, { X: text });
    expect(found).toEqual(["count wrong-type: the value of ${env:X} where a whole number is expected"]);
  });

  test("what is missing is told once", () => {
    expect(told(shape, { count: "${env:X}", level: "${env:X}" })).toEqual([
      "count bad-reference: the variable X is not set; a value, or a default: ${env:X:-…}",
      "level bad-reference: the variable X is not set; a value, or a default: ${env:X:-…}",
    ]);
  });
});

test("messages that a schema brings are kept, split at what they accept", () => {
  const schema = z
    .strictObject({
      a: z.string().refine((text) => text === "x", { error: "This is not x; accepted: x" }),
      b: z.unknown().optional(),
    })
    .refine(({ b }) => b === undefined, { error: "a and b exclude each other", path: ["b"] });
  expect(told(schema, { a: "y" })).toEqual(["a bad-value: this is not x; x"]);
  expect(told(schema, { a: "x", b: 1 })).toEqual(["b bad-value: a and b exclude each other"]);
});
