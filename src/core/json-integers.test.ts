import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson, type Json } from "./json.ts";

/** The obvious way: ask for the source of every number. */
function oracle(text: string): Json {
  return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context!.source!)
      : value,
  ) as Json;
}

/** Numbers about the edge of what a double holds exactly, so that different texts round to the same double. */
const integer = fc.bigInt({ min: 9007199254740985n, max: 9007199254740999n }).map(String);
const number = fc.oneof(
  integer,
  integer.map((digits) => `-${digits}`),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc.constantFrom(
    "9007199254740992.0",
    "9.007199254740993e15",
    "1e22",
    "0.9007199254740993",
    "10000000000000000000000",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const text = fc.oneof(
  number.map((digits) => `x: ${digits} y\\"`),
  number.map((digits) => `\\"a\\":${digits},`),
  fc.constantFrom("\\\\", '\\"', "", "é", "\\\\\\\\"),
);
/** Names written in two ways, and names that end like another. */
const key = fc.constantFrom("a", "b", "2", "1", "__proto__", "\\u0061", '\\"a', "ba", "\\\\a", "\\\\ua");
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number,
    text.map((inner) => `"${inner}"`),
    fc.array(tie("value"), { maxLength: 4 }).map((elements) => `[${elements.join(", ")}]`),
    fc
      .array(fc.tuple(key, fc.constantFrom(": ", ":", " :"), tie("value")), { maxLength: 4 })
      .map((members) => `{${members.map(([name, colon, inner]) => `"${name}"${colon}${inner}`).join(",")}}`),
  ),
}));

test.each([
  // A name written twice: the later one counts, however it is written.
  '{"abc":9007199254740993,"\\u0061bc":9007199254740992}',
  '{"abc":9007199254740993,"abc":9007199254740992}',
  '{"\\u0061bc":9007199254740993,"abc":1,"b":{"abc":9007199254740993}}',
  // Digits behind a name inside a text, and a number that is none of the name.
  '{"abc":"\\"abc\\":9007199254740992","b":{"abc":9007199254740993}}',
  '{"abc" \n:\t -9007199254740993 ,"b":9007199254740992}',
  '{"abc":-9223372036854775808,"b":{"abc":9223372036854775807},"c":"abc"}',
  '{"abc":1e22,"b":{"abc":10000000000000000000001}}',
  '{"_a.b@c-1":9007199254740993}',
  '{"1a":9007199254740993,"a b":9007199254740995}',
])("%s is exact", (document) => expect(parseJson(document)).toEqual({ ok: true, value: oracle(document) }));

test("integers are exact whatever stands around them", () => {
  fc.assert(
    fc.property(value, (document) => {
      expect(parseJson(document)).toEqual({ ok: true, value: oracle(document) });
    }),
    { numRuns: 2000 },
  );
});
