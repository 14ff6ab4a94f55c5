/** Targets that the webhook executor serves as it is. */
import type { ActionPreset } from "../../executors/presets/preset.ts";
import { code, page, yamlBlock } from "./markdown.ts";

export const presetsPage = (presets: readonly ActionPreset[]): string =>
  page(
    "Presets",
    "Targets that the [webhook](executors.md#webhook) executor serves as it is. `squall new action NAME` writes the entry and prints the actions; `dry_run: true`, which it adds, logs each request until it is taken out.",
    ...presets.flatMap(({ name, summary, executor, firing, resolve, notes }) => [
      `## ${name}`,
      summary,
      notes.map((note) => `- ${note}`).join("\n"),
      yamlBlock({ executors: { [name]: { type: "webhook", ...executor } } }),
      yamlBlock({ actions: [{ id: name, payload: firing }] }),
      ...(resolve === null
        ? []
        : [
            `When it is over, ${code("actions")} of the rule that sees it:`,
            yamlBlock({ actions: [{ id: name, payload: resolve }] }),
          ]),
    ]),
  );
