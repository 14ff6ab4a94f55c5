import { expect, test } from "vitest";
import { boundedKey, cutText } from "./bounded-text.ts";

test.each([
  ["fits", 4, "fits"],
  ["too long", 4, "too…"],
  ["ab😀cd", 4, "ab…"],
  ["ab😀cd", 5, "ab😀…"],
])("%j cut to %i is %j", (text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

test("the mark of a cut may be another one", () => {
  expect(cutText("too long", 6, "...")).toBe("too...");
});

test("keys that fit stay; long ones keep their length, their beginning and their difference", () => {
  expect(boundedKey("k".repeat(255), 255)).toBe("k".repeat(255));
  const [one, two] = ["1", "2"].map((end) => boundedKey(`${"k".repeat(300)}${end}`, 255));
  expect(one).toMatch(/^k{222}~[0-9a-f]{32}$/);
  expect(two).toHaveLength(255);
  expect(one).not.toBe(two);
  expect(boundedKey(`${"k".repeat(300)}1`, 255)).toBe(one);
});
