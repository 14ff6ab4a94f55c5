import type { ExecutorType } from "../../component/define-executor.ts";
import type { JsonObject } from "../../core/json.ts";
import { executorTypes } from "../../executors/all.ts";
import { addExecutor } from "./add-executor.ts";
import { badName, unknownName, type Made } from "./made.ts";
import { exampleWithoutFiles, withVariables, withoutFiles } from "./ready-values.ts";
import { yamlText } from "./yaml-text.ts";

export function newExecutor(typeName: string, id: string, dir: string): Made {
  const type = executorTypes.find((candidate) => candidate.type === typeName);
  if (!type)
    return unknownName(
      "executor type",
      typeName,
      executorTypes.map((one) => one.type),
    );
  const bad = badName("an executor", id);
  if (bad) return bad;
  const example = exampleWithoutFiles(type.examples, ({ options }) => options);
  // The example is what a file may hold: JSON.
  const options = withVariables(withoutFiles((example?.options ?? {}) as JsonObject), [id]) as JsonObject;
  const entry = { type: typeName, dry_run: true, ...(Object.keys(options).length > 0 && { options }) };
  const action = example
    ? `As an action of a rule:\n\n${yamlText({ actions: [{ id, payload: example.payload }] })}`
    : "";
  return addExecutor({ id, entry, comments: commentsOf(type), dir, hint: action });
}

const commentsOf = ({ summary }: ExecutorType): readonly string[] => [
  summary,
  "All keys: docs/reference/executors.md.",
];
