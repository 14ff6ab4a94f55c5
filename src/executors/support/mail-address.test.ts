import { expect, test } from "vitest";
import { printMailAddress, readMailAddress, readMailAddresses } from "./mail-address.ts";

const a = { name: "", address: "a@example.com" };
test.each([
  ["a@example.com", [a]],
  [" <a@example.com> ", [a]],
  ["Ops <a@example.com>", [{ ...a, name: "Ops" }]],
  ['"Ops, \\"night\\"" <a@example.com>', [{ ...a, name: 'Ops, "night"' }]],
  ["a@example.com, b@x;c@y.z,", [a, { name: "", address: "b@x" }, { name: "", address: "c@y.z" }]],
  ["Jürgen <jürgen@büro.example>", [{ name: "Jürgen", address: "jürgen@büro.example" }]],
  ["a+tag.b_c-d='x'@sub.example.com", [{ name: "", address: "a+tag.b_c-d='x'@sub.example.com" }]],
])("%j", (text, expected) => {
  expect(readMailAddresses(text)).toEqual({ ok: true, value: expected });
});

test.each([
  [""],
  [","],
  ["ops"],
  ["@example.com"],
  ["a@"],
  ["a@-x.example"],
  ["a@x..y"],
  ["a b@example.com"],
  ["a@example.com b@example.com"],
  ["a@example.com\r\nBcc: b@example.com"],
  ["a@example.com\nRCPT TO:<b@example.com>"],
  ["a@example.com\0"],
  ["<a@example.com"],
  ["a@example.com>"],
  ["<a@example.com> <b@example.com>"],
  ["<a@example.com>b@example.com"],
  ['"a@example.com'],
  ["group: a@example.com, b@example.com;"],
  ['"a b"@example.com'],
  ["a@[127.0.0.1]"],
  ["(comment) a@example.com"],
  ["a@b@example.com"],
  ["a\u2028@example.com"],
])("refused: %j", (text) => {
  const expected = expect.stringMatching(
    /is no mail address; accepted|holds a line break or another control character/,
  );
  expect(readMailAddresses(text)).toEqual({ ok: false, error: expected });
});

test("one address is one", () => {
  expect(readMailAddress("a@example.com")).toEqual({ ok: true, value: a });
  expect(readMailAddress("a@example.com, b@example.com")).toMatchObject({
    ok: false,
    error: expect.stringContaining("2 addresses"),
  });
});

test.each(["a@example.com", "Ops <a@example.com>", '"Ops, night" <a@example.com>'])("printed as read: %s", (text) => {
  const read = readMailAddress(text);
  expect(read.ok && printMailAddress(read.value)).toBe(text);
});
