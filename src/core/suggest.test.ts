import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

const operators = ["equals", "contains", "startsWith", "endsWith", "regex"];

test.each([
  ["equal", "equals"],
  ["contians", "contains"],
  ["STARTSWITH", "startsWith"],
  ["regxe", "regex"],
  ["banana", undefined],
  ["x", undefined],
])("%s means %s", (found, meant) => expect(suggest(found, operators)).toBe(meant));
