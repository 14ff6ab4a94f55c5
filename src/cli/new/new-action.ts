import { addExecutor } from "./add-executor.ts";
import { badName, unknownName, type Made } from "./made.ts";
import { presets } from "../../executors/presets/list.ts";
import { yamlText } from "./yaml-text.ts";

export function newAction(name: string, id: string, dir: string): Made {
  const preset = presets.find((candidate) => candidate.name === name);
  if (!preset)
    return unknownName(
      "preset",
      name,
      presets.map((one) => one.name),
    );
  const bad = badName("an executor", id);
  if (bad) return bad;
  const { executor, firing, resolve, summary, notes } = preset;
  const hint = [
    `As an action of the rule that sees the trouble:\n\n${yamlText({ actions: [{ id, payload: firing }] })}`,
    ...(resolve === null
      ? []
      : [`Of the rule that sees its end:\n\n${yamlText({ actions: [{ id, payload: resolve }] })}`]),
  ];
  const entry = { type: "webhook", dry_run: true, ...executor };
  return addExecutor({ id, entry, comments: [summary, ...notes], dir, hint: hint.join("\n") });
}
