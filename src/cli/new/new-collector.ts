import { collectorTypes } from "../../collectors/all.ts";
import { readFolder } from "../../config/document/read-folder.ts";
import { COLLECTORS } from "../../config/folders.ts";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import { refused, unknownName, wrongUsage, type Made } from "./made.ts";
import { exampleWithoutFiles, withVariables, withoutFiles } from "./ready-values.ts";
import { commented, yamlText } from "./yaml-text.ts";

export async function newCollector(typeName: string, id: string, dir: string): Promise<Made> {
  const type = collectorTypes.find((candidate) => candidate.type === typeName);
  if (!type)
    return unknownName(
      "collector type",
      typeName,
      collectorTypes.map((one) => one.type),
    );
  if (!/^[A-Za-z0-9_.-]+$/.test(id))
    return wrongUsage(`${JSON.stringify(id)} is no id of a collector; accepted: letters a-z A-Z, digits and _ . -`);
  const { files } = await readFolder(dir, COLLECTORS);
  const namesake = files.find(({ value }) => isObject(value) && value["id"] === id);
  if (namesake)
    return refused(`the collector ${JSON.stringify(id)} is in ${namesake.file} already; nothing was written`);
  const example = exampleWithoutFiles(type.examples, ({ file }) => file);
  // The example is what a file may hold: JSON.
  const file = withoutFiles((example?.file ?? {}) as JsonObject);
  const content: JsonObject = { ...file, id, type: typeName };
  const { id: _id, type: _type, ...rest } = withVariables(content, [id]) as Record<string, Json>;
  const text = [
    "# yaml-language-server: $schema=../docs/schemas/collector.schema.json\n#\n",
    commented([
      type.summary,
      type.guarantees,
      ...(example ? [`What follows is an example: ${example.title}.`] : []),
      "All keys: docs/reference/collectors.md.",
    ]),
    yamlText({ id, type: typeName, ...rest }),
  ].join("");
  return { file: `${COLLECTORS}/${id}.yaml`, text, before: null, hint: "" };
}
