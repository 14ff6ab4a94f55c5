import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import { isObject, parseJson, type JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileTree } from "../tree/compile-tree.ts";
import { evaluator } from "./evaluate.ts";

const fixture = (name: string): JsonObject => {
  const text = readFileSync(new URL(`../../../test/fixtures/neteye/${name}`, import.meta.url), "utf8");
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) throw new Error(`${name} is no JSON object`);
  return parsed.value;
};

test("the rule of the NetEye article, which has no name, causes its check result", () => {
  const issues: Issue[] = [];
  const document = {
    file: "rules/eventlog/010_service_restart.json",
    stem: "010_service_restart",
    value: fixture("010_service_restart.json"),
    issues: issueSink(issues),
  };
  const tree = compileTree(
    { trees: [], rulesets: { eventlog: [document] } },
    { actions: null, regex: DEFAULT_REGEX_LIMITS },
  );
  expect(issues).toEqual([]);
  expect(tree!.rulePaths).toEqual(["root.eventlog.service_restart"]);
  const matches = evaluator(tree!).match({
    id: "1",
    type: "eventlog",
    created_ms: 0,
    payload: { doc: fixture("winlogbeat-7036.json") },
    metadata: {},
    trace_id: null,
  });
  expect(matches).toEqual([
    {
      path: "root.eventlog.service_restart",
      status: "matched",
      extracted: {},
      iteration: null,
      actions: [
        {
          id: "icinga2",
          payload: {
            icinga2_action_name: "process-check-result",
            icinga2_action_payload: fixture("expected-icinga2-request.json")["body"],
          },
          settings: null,
          ordinal: 0,
          foreach: [],
        },
      ],
    },
  ]);
});
