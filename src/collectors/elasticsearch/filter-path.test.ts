import { expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { filterPath, fits } from "./filter-path.ts";

const answer: Json = {
  took: 3,
  errors: true,
  items: [
    { create: { _index: "a", status: 201 } },
    { index: { _index: "b", status: 400, error: { type: "t", reason: "r" } } },
  ],
};

test.each<[string, Json]>([
  ["errors", { errors: true }],
  ["errors,took", { took: 3, errors: true }],
  ["items.*.status", { items: [{ create: { status: 201 } }, { index: { status: 400 } }] }],
  ["items.*.error", { items: [{ index: { error: { type: "t", reason: "r" } } }] }],
  [
    "errors,items.*.error,items.*.status",
    {
      errors: true,
      items: [{ create: { status: 201 } }, { index: { status: 400, error: { type: "t", reason: "r" } } }],
    },
  ],
  ["items.create", { items: [{ create: { _index: "a", status: 201 } }] }],
  ["items.*.st*", { items: [{ create: { status: 201 } }, { index: { status: 400 } }] }],
  ["**.type", { items: [{ index: { error: { type: "t" } } }] }],
  ["items.**", { items: (answer as { items: Json }).items }],
  ["nothing", {}],
  ["-items", { took: 3, errors: true }],
  [
    "items.*.*,-items.*._index",
    { items: [{ create: { status: 201 } }, { index: { status: 400, error: { type: "t", reason: "r" } } }] },
  ],
  ["", answer],
  [Array.from({ length: 60 }, () => "errors").join(), answer],
])("%s", (filter, expected) => expect(filterPath(answer, filter)).toEqual(expected));

test.each([
  ["a", "a", true],
  ["a", "b", false],
  ["*", "", true],
  ["a*", "abc", true],
  ["*c", "abc", true],
  ["a*c", "ac", true],
  ["a*b*c", "a-b-c", true],
  ["ab*ba", "aba", false],
  ["a*b*b", "ab", false],
])("%s fits %s: %s", (pattern, key, expected) => expect(fits(pattern, key)).toBe(expected));
