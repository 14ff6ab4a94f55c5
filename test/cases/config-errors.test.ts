/**
 * What a person is told about one mistake in a configuration, word for word: this is the specification of the messages.
 * A folder holds a configuration, `expected.txt`, and perhaps `options.json` (`env`, `set`). SQUALL_UPDATE=1 rewrites the
 * expected texts; their diff is to be read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { printCounts, printDiagnostics } from "../../src/config/print-diagnostics.ts";

const root = resolve("test/cases/config-errors");
const names = readdirSync(root).sort();

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly set?: readonly string[];
}

test.each(names)("%s", async (name) => {
  const dir = join(root, name);
  const optionsFile = join(dir, "options.json");
  const options = existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, "utf8")) as Options) : {};
  const { plan, diagnostics } = await loadConfiguration({ dir, env: options.env ?? {}, set: options.set ?? [] });
  const text = `${printDiagnostics(diagnostics, { dir, colour: false })}\n${printCounts(diagnostics)}\n`;
  const expected = join(dir, "expected.txt");
  if (process.env["SQUALL_UPDATE"] === "1") writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, "utf8"));
  expect(plan === null, "a plan exactly when there are no errors").toBe(
    diagnostics.some(({ severity }) => severity === "error"),
  );
  expect(text, "secrets are never shown").not.toMatch(/hunter2|48151623/);
});
