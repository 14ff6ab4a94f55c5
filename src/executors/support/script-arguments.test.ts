import { expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { readScriptCommand } from "./script-arguments.ts";

test.each<[string, Json | undefined, readonly string[]]>([
  ["restart.sh", undefined, ["restart.sh"]],
  ["  restart.sh\t-v \n h1 ", undefined, ["restart.sh", "-v", "h1"]],
  ["a\u00a0b\u3000c", undefined, ["a", "b", "c"]],
  ['a "b c" $HOME;ls', undefined, ["a", '"b', 'c"', "$HOME;ls"]],
  ["a", "one text with blanks", ["a", "one text with blanks"]],
  ["a", "", ["a", ""]],
  ["a", ["x y", 5, 1.5, true, false], ["a", "x y", "5", "1.5", "true", "false"]],
  ["a", 9007199254740993n, ["a", "9007199254740993"]],
  ["a", 1e21, ["a", "1000000000000000000000"]],
  ["a", [["x", ["y"]], "z"], ["a", "x", "y", "z"]],
  ["a", { b: "2", a: "1", B: 3 }, ["a", "--B", "3", "--a", "1", "--b", "2"]],
  ["a", { "\u{1f600}": 1, "\uff5e": 2 }, ["a", "--\uff5e", "2", "--\u{1f600}", "1"]],
  ["a", { list: ["x", "y"], map: { k: "v" } }, ["a", "--list", "x", "y", "--map", "--k", "v"]],
  ["a -f", ["out", { first: "F" }], ["a", "-f", "out", "--first", "F"]],
  ["a", true, ["a", "true"]],
])("%j with %o", (script, args, expected) => {
  const { program, args: given, ignored } = readScriptCommand(script, args)!;
  expect([program, ...given]).toEqual(expected);
  expect(ignored).toBe(0);
});

test.each<[Json, readonly string[], number]>([
  [null, [], 1],
  [["x", null, "y"], ["x", "y"], 1],
  [{ flag: null, other: [null] }, ["--flag", "--other"], 2],
])("null gives no argument: %j", (args, expected, ignored) =>
  expect(readScriptCommand("a", args)).toEqual({ program: "a", args: expected, ignored }),
);

test.each(["", " \t\n"])("%j names no script", (script) => expect(readScriptCommand(script, "x")).toBeUndefined());
