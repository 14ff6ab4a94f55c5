/**
 * Every kind of value against every kind: the tables of tornado.md 3.2 (missing and null) and 3.3 (types) in full. A row is
 * the first operand, a column the second; `T` is true, `.` false. Written out, not computed.
 */
import { describe, expect, test } from "vitest";
import { compileForTest } from "../../../test/kit/describe-operator.ts";
import type { Json } from "../json.ts";

/** In the order of rows and columns. The values meet: 5 and "5" look alike, the array holds both, the object has the key. */
const KINDS: readonly (readonly [string, Json | undefined])[] = [
  ["missing", undefined],
  ["null", null],
  ["boolean", true],
  ["number", 5],
  ["string", "5"],
  ["array", [5, "5"]],
  ["object", { "5": 5 }],
];

const TABLES: Readonly<Record<string, readonly string[]>> = {
  equals: [
    //  m n b # s a o
    "T . . . . . .",
    ". T . . . . .",
    ". . T . . . .",
    ". . . T . . .",
    ". . . . T . .",
    ". . . . . T .",
    ". . . . . . T",
  ],
  ne: [
    ". T T T T T T",
    "T . T T T T T",
    "T T . T T T T",
    "T T T . T T T",
    "T T T T . T T",
    "T T T T T . T",
    "T T T T T T .",
  ],
  equalsIgnoreCase: [
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . T . .",
    ". . . . . . .",
    ". . . . . . .",
  ],
  // Only strings, arrays and objects hold something: a string strings, an array any element, an object keys.
  contains: [
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . T . .",
    ". . . T T . .",
    ". . . . T . .",
  ],
  containsIgnoreCase: [
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . . . .",
    ". . . . T . .",
    ". . . . T . .",
    ". . . . T . .",
  ],
  // Equal values of one kind; objects have no order, not even an object with itself.
  ge: [
    ". . . . . . .",
    ". T . . . . .",
    ". . T . . . .",
    ". . . T . . .",
    ". . . . T . .",
    ". . . . . T .",
    ". . . . . . .",
  ],
  le: [
    ". . . . . . .",
    ". T . . . . .",
    ". . T . . . .",
    ". . . T . . .",
    ". . . . T . .",
    ". . . . . T .",
    ". . . . . . .",
  ],
  gt: Array.from({ length: 7 }, () => ". . . . . . ."),
  lt: Array.from({ length: 7 }, () => ". . . . . . ."),
};

describe.each(Object.entries(TABLES))("%s", (type, table) => {
  const rows = KINDS.flatMap(([firstKind, first], row) =>
    KINDS.map(([secondKind, second], column) => {
      const section = [firstKind, secondKind].some((kind) => kind === "missing" || kind === "null") ? "3.2" : "3.3";
      const expected = table[row]!.split(" ")[column] === "T";
      return [section, firstKind, secondKind, expected, first, second] as const;
    }),
  );
  const { operator } = compileForTest({ type, first: "${event.payload.a}", second: "${event.payload.b}" });
  test.each(rows)(`tornado.md %s ${type}: %s with %s is %s`, (_, _first, _second, expected, a, b) => {
    const payload = { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
    expect(operator!.evaluate({ event: { payload } })).toBe(expected);
  });
});

/** Ours: each kind as the value that is asked about; see rule-language.md, Operators. */
const UNARY: readonly (readonly [string, Json, string])[] = [
  ["regex", { type: "regex", regex: "", target: "${event.payload.a}" }, ". . . . T . ."],
  ["exists", { type: "exists", target: "${event.payload.a}" }, ". . T T T T T"],
  [
    "in",
    { type: "in", first: "${event.payload.a}", second: [null, true, 5, "5", [5, "5"], { "5": 5 }] },
    ". T T T T T T",
  ],
  [
    "notIn",
    { type: "notIn", first: "${event.payload.a}", second: [null, true, 5, "5", [5, "5"], { "5": 5 }] },
    "T . . . . . .",
  ],
  ["inIgnoreCase", { type: "inIgnoreCase", first: "${event.payload.a}", second: ["5", 5] }, ". . . T T . ."],
  ["notInIgnoreCase", { type: "notInIgnoreCase", first: "${event.payload.a}", second: ["5", 5] }, "T T T . . T T"],
  ["between", { type: "between", target: "${event.payload.a}", low: 1, high: 9 }, ". . . T . . ."],
  ["between", { type: "between", target: "${event.payload.a}", low: "1", high: "9" }, ". . . . T . ."],
  ["containsAny", { type: "containsAny", first: "${event.payload.a}", second: ["", "5"] }, ". . . . T . ."],
  ["containsAll", { type: "containsAll", first: "${event.payload.a}", second: ["", "5"] }, ". . . . T . ."],
  ["startsWith", { type: "startsWith", first: "${event.payload.a}", second: "5" }, ". . . . T . ."],
  ["endsWith", { type: "endsWith", first: "${event.payload.a}", second: "5" }, ". . . . T . ."],
  ["wildcard", { type: "wildcard", first: "${event.payload.a}", second: "*" }, ". . . . T . ."],
  ["cidr", { type: "cidr", first: "${event.payload.a}", second: ["0.0.0.0/0", "::/0"] }, ". . . . . . ."],
  ["anyOf", { type: "anyOf", target: "${event.payload.a}", operator: { type: "AND", operators: [] } }, ". . . . . T ."],
  ["allOf", { type: "allOf", target: "${event.payload.a}", operator: { type: "AND", operators: [] } }, ". . . . . T ."],
];

describe.each(UNARY)("%s %j", (type, document, row) => {
  const { operator } = compileForTest(document);
  const section = type === "regex" ? "tornado.md 3.3" : "rule-language.md, Operators:";
  test.each(KINDS.map(([kind, a], at) => [kind, row.split(" ")[at] === "T", a] as const))(
    `${section} ${type}: of %s is %s`,
    (_, expected, a) => {
      expect(operator!.evaluate({ event: { payload: a === undefined ? {} : { a } } })).toBe(expected);
    },
  );
});
