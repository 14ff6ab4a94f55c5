import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** How often V8 weighed what a literal made, of 400,000 objects that all live. */
function weighed(before: string): number {
  const script = `${before}; const kept = []; for (let i = 0; i < 400_000; i++) kept.push({ i, list: [i] });`;
  const args = ["--trace-pretenuring-statistics", "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).split("pretenuring:").length - 1;
}

test("V8 no longer makes the objects of a literal among the old ones", () => {
  const url = JSON.stringify(new URL("./keep-young.ts", import.meta.url).href);
  expect(weighed("")).toBeGreaterThan(0);
  expect(weighed(`const { keepYoung } = await import(${url}); keepYoung()`)).toBe(0);
});
