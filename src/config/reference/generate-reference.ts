/** The reference and the JSON Schemas, from the declarations: the same code gives the same files. */
import { fileURLToPath } from "node:url";
import { collectorTypes } from "../../collectors/all.ts";
import { ERROR_CODES } from "../../component/app-error.ts";
import { regexForms } from "../../core/extractor/list.ts";
import { modifierTypes } from "../../core/modifier/list.ts";
import { operatorTypes } from "../../core/operator/list.ts";
import { filters } from "../../core/template/filter/list.ts";
import { executorTypes } from "../../executors/all.ts";
import { presets } from "../../executors/presets/list.ts";
import { normalizers } from "../../normalizers/all.ts";
import { settingsSchema } from "../settings.ts";
import { actionsPage } from "./actions-page.ts";
import { collectorsPage, executorsPage, normalizersPage } from "./component-pages.ts";
import { collectorJsonSchema, settingsJsonSchema } from "./json-schema.ts";
import { extractorsPage, filtersPage, modifiersPage, operatorsPage } from "./language-pages.ts";
import { code, page, table } from "./markdown.ts";
import { presetsPage } from "./presets-page.ts";
import { declaredMetrics } from "./metrics.ts";
import { optionRows, optionTable, OPTION_HEAD } from "./option-rows.ts";
import { ruleJsonSchema, treeJsonSchema } from "./rule-json-schema.ts";

/** Path from the root of the repository → text. */
export function generateReference(): ReadonlyMap<string, string> {
  const pages: readonly (readonly [string, string, string])[] = [
    ["settings", "Settings", settingsPage()],
    ["collectors", "Collectors", collectorsPage(collectorTypes)],
    ["formats", "Formats", normalizersPage(normalizers)],
    ["executors", "Executors", executorsPage(executorTypes)],
    ["actions", "Actions", actionsPage(executorTypes)],
    ["presets", "Presets", presetsPage(presets)],
    ["operators", "Operators", operatorsPage(operatorTypes)],
    ["extractors", "Extractors", extractorsPage(regexForms)],
    ["modifiers", "Modifiers", modifiersPage(modifierTypes)],
    ["filters", "Template filters", filtersPage(filters)],
    ["error-codes", "Error codes", errorCodesPage()],
    ["metrics", "Metrics", metricsPage()],
  ];
  const families = { operators: operatorTypes, extractors: regexForms, modifiers: modifierTypes };
  const schemas: readonly (readonly [string, unknown])[] = [
    ["settings", settingsJsonSchema(executorTypes)],
    ["collector", collectorJsonSchema(collectorTypes, normalizers)],
    ["rule", ruleJsonSchema(families)],
    ["processing-tree", treeJsonSchema(families)],
  ];
  return new Map([
    ["docs/reference/README.md", indexPage(pages)],
    ...pages.map(([file, , text]): [string, string] => [`docs/reference/${file}.md`, text]),
    ...schemas.map(([file, schema]): [string, string] => [
      `docs/schemas/${file}.schema.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  ]);
}

const indexPage = (pages: readonly (readonly [string, string, string])[]): string =>
  page(
    "Reference",
    pages.map(([file, title]) => `- [${title}](${file}.md)`).join("\n"),
    "JSON Schemas for editors are in [../schemas](../schemas): `settings` for `config/squall.yaml`, `collector`, `rule`, `processing-tree`. A first line such as `# yaml-language-server: $schema=../docs/schemas/settings.schema.json` makes an editor use one; JSON files take no comments, so there the editor is told by file name (VS Code: `json.schemas`). `squall docs --out DIR` writes them beside a configuration.",
  );

function settingsPage(): string {
  return page(
    "Settings",
    "`config/squall.yaml`. Every key is optional; the empty file is a valid, safe configuration. Sizes are powers of 1024. Strings may hold `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}`; relative paths are relative to the configuration folder. `--set path=value` on the command line overrides a setting.",
    table(OPTION_HEAD, optionTable(optionRows(settingsSchema))),
    "The keys of an executor are in [Executors](executors.md).",
  );
}

const errorCodesPage = (): string =>
  page(
    "Error codes",
    "In problem documents (RFC 9457), `/health` and log lines; the exit code is that of a command that ends with the error.",
    table(
      ["code", "HTTP status", "exit code", "meaning"],
      Object.entries(ERROR_CODES).map(([name, { status, exit, meaning }]) => [
        code(name),
        String(status),
        String(exit),
        meaning,
      ]),
    ),
  );

const metricsPage = (): string =>
  page(
    "Metrics",
    "`GET /metrics`, in the text format of Prometheus; besides these, those of the process (`process_*`, `nodejs_*`).",
    table(
      ["metric", "kind", "labels", "meaning"],
      declaredMetrics(fileURLToPath(new URL("../..", import.meta.url))).map(({ name, kind, labels, meaning }) => [
        code(name),
        kind,
        labels.map(code).join(", "),
        meaning,
      ]),
    ),
  );
