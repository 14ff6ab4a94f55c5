import { expect, test } from "vitest";
import { Secret } from "../../component/secret.ts";
import { basic, createRedactor, credentialsOf, redactJson } from "./redact.ts";

const value = 'p@ss/"w+rd <ü&>';
test.each([
  ["as it is", `a ${value} b`],
  ["percent-encoded", `a ${encodeURIComponent(value)} b`],
  ["percent-encoded in lower case", `a ${encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())} b`],
  ["form-encoded", `a ${new URLSearchParams({ x: value }).toString().slice(2)} b`],
  ["JSON-escaped", `a ${JSON.stringify(value).slice(1, -1)} b`],
  ["HTML-escaped", "a p@ss/&quot;w+rd &lt;ü&amp;&gt; b"],
  ["base64", `a ${Buffer.from(value).toString("base64")} b`],
  ["base64 without padding", `a ${Buffer.from(value).toString("base64").replace(/=+$/, "")} b`],
])("a secret %s is masked", (_, text) => {
  expect(createRedactor([new Secret(value)])(text)).toMatch(/^a \*\*\*=? b$/);
});

test.each([
  ["every place", ["abc"], "abc xabcx", "*** x***x"],
  ["the longer of two", ["abc", "abcdef"], "abcdef", "***"],
  ["signs of regular expressions", ["a.c", "(["], "abc a.c ([", "abc *** ***"],
  ["nothing without secrets", [undefined, ""], "abc", "abc"],
])("masks %s", (_, secrets, text, expected) => {
  expect(createRedactor(secrets)(text)).toBe(expected);
});

test("Basic credentials are masked, their scheme is not", () => {
  const header = basic("squall", new Secret("pw"));
  expect(createRedactor([credentialsOf(header)])(header.reveal())).toBe("Basic ***");
});

test("values are masked at any depth, keys too, and the rest is kept", () => {
  const redact = createRedactor(["abc"]);
  expect(redactJson({ abc: ["abc", { a: "xabc" }], n: 1n, t: true, z: null }, redact)).toEqual({
    "***": ["***", { a: "x***" }],
    n: 1n,
    t: true,
    z: null,
  });
});
