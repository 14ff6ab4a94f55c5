import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** Each folder of src may import itself and those named; the authority on architecture.md's import rule. */
const parts = ["collectors", "normalizers", "executors", "storage"];
const below: Record<string, string[]> = { core: [], component: ["core"], engine: ["core", "component"] };
for (const part of parts) below[part] = ["core", "component"];
for (const folder of ["config", "importers"]) below[folder] = ["core", "component", "engine", ...parts];
below["http"] = [...below["config"]!, "config", "importers"];
below["app"] = [...below["http"]!, "http"];
below["cli"] = [...below["app"]!, "app"];
below["main.ts"] = ["cli"];
below["console"] = ["http"];
/** Packages that core may use, each in one file. */
const corePackages: Record<string, string> = {
  zod: "core/rule/action-catalog.ts",
  "json-logic-js": "core/operator/json-logic.ts",
  re2js: "core/regex/re2.ts",
  mustache: "core/template/mustache/parse-mustache.ts",
  "@jmespath-community/jmespath": "core/mapping/jmespath.ts",
  "jsonpath-plus": "core/mapping/jsonpath.ts",
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
const sources = files.filter((file) => !file.endsWith(".test.ts"));
const folderOf = (file: string): string => file.split("/")[0]!;
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join("src", file), "utf8").matchAll(
      /^(?:import|export)\b[^;]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm,
    ),
  ].map((found) => (found[1] ?? found[2] ?? found[3])!);

test.each(sources)("%s imports only what its folder may", (file) => {
  const folder = folderOf(file);
  for (const name of importsOf(file)) {
    if (name.startsWith(".")) {
      const target = normalize(join(dirname(file), name));
      expect([folder, ...(below[folder] ?? [])], `${file} imports ${target}`).toContain(folderOf(target));
      expect(sources, `${file} imports ${target}`).toContain(target);
    } else if (folder === "core") {
      expect(corePackages[name], `${file} imports ${name}`).toBe(file);
    }
  }
});

test("there are no import cycles", () => {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    expect(trail, `cycle through ${file}`).not.toContain(file);
    if (done.has(file)) return;
    for (const name of importsOf(file))
      if (name.startsWith(".")) visit(normalize(join(dirname(file), name)), [...trail, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});
