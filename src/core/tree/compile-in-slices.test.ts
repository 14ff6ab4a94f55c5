import { expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileTree, compileTreeInSlices } from "./compile-tree.ts";

const OPTIONS = { actions: null, regex: DEFAULT_REGEX_LIMITS };

function sources(issues: Issue[]) {
  const rule = (at: number) => ({
    file: `rules/a/${at}.yaml`,
    stem: `${String(at).padStart(3, "0")}_r${at}`,
    value: { constraint: { WHERE: { type: "equals", first: "${event.typ}", second: at } }, actions: [] },
    issues: issueSink(issues),
  });
  return { trees: [], rulesets: { a: Array.from({ length: 90 }, (_, at) => rule(at)) } };
}

test("in slices the tree and the mistakes are the same, and others get their turn", async () => {
  const [whole, sliced]: [Issue[], Issue[]] = [[], []];
  const expected = compileTree(sources(whole), OPTIONS)!;
  let yields = 0;
  const tree = (await compileTreeInSlices(sources(sliced), OPTIONS, async () => void yields++))!;
  expect(tree.rulePaths).toEqual(expected.rulePaths);
  expect(sliced).toEqual(whole);
  expect(sliced).toHaveLength(90);
  expect(yields).toBeGreaterThan(3);
});
