import { stringify } from "yaml";
import type { JsonObject } from "../../core/json.ts";

export const SETTINGS = "config/squall.yaml";

const HEAD = `# yaml-language-server: $schema=../docs/schemas/settings.schema.json
#
# Made by \`squall import tornado\`. Passwords are read from the variables that the report names.
`;

/** Sections without a key are left out. */
export function settingsText(sections: Readonly<Record<"ingest" | "executors", JsonObject>>): string {
  const given = Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0);
  return given.length === 0
    ? HEAD
    : `${HEAD}\n${stringify(Object.fromEntries(given), { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}
