/**
 * What a person is told about one mistake in a configuration, word for word: this is the specification of the messages.
 * A folder holds a configuration, `expected.txt`, and perhaps `options.json` (`env`, `set`). The members of a family stand
 * there as `<operators>`, so that a new one changes nothing. SQUALL_UPDATE=1 rewrites the expected texts; their diff is
 * to be read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { collectorTypes } from "../../src/collectors/all.ts";
import { filters } from "../../src/core/template/filter/list.ts";
import { modifierTypes } from "../../src/core/modifier/list.ts";
import { operatorTypes } from "../../src/core/operator/list.ts";
import { executorTypes } from "../../src/executors/all.ts";
import { normalizers } from "../../src/normalizers/all.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { printCounts, printDiagnostics } from "../../src/config/print-diagnostics.ts";

const root = resolve("test/cases/config-errors");
const names = readdirSync(root).sort();

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly set?: readonly string[];
}

const families: readonly (readonly [string, readonly string[]])[] = [
  ["<collector types>", collectorTypes.map(({ type }) => type)],
  ["<executor types>", executorTypes.map(({ type }) => type)],
  ["<filters>", filters.map(({ name }) => name)],
  ["<formats>", normalizers.map(({ format }) => format)],
  ["<modifiers>", modifierTypes.map(({ name }) => name)],
  ["<operators>", operatorTypes.map(({ name }) => name)],
];

const withFamilies = (text: string): string =>
  families.reduce((all, [name, members]) => all.replaceAll(`accepted: ${members.join(", ")}`, `accepted: ${name}`), text);

test.each(names)("%s", async (name) => {
  const dir = join(root, name);
  const optionsFile = join(dir, "options.json");
  const options = existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, "utf8")) as Options) : {};
  const { plan, diagnostics } = await loadConfiguration({ dir, env: options.env ?? {}, set: options.set ?? [] });
  const printed = printDiagnostics(diagnostics, { dir, colour: false });
  const text = `${withFamilies(printed)}\n${printCounts(diagnostics)}\n`;
  const expected = join(dir, "expected.txt");
  if (process.env["SQUALL_UPDATE"] === "1") writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, "utf8"));
  expect(plan === null, "a plan exactly when there are no errors").toBe(
    diagnostics.some(({ severity }) => severity === "error"),
  );
  expect(text, "secrets are never shown").not.toMatch(/hunter2|48151623/);
});
