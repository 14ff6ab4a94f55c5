/** Pages of operators, extractors, modifiers and template filters. */
import type { RegexForm } from "../../core/extractor/regex-form.ts";
import type { ModifierType } from "../../core/modifier/modifier.ts";
import type { OperatorType } from "../../core/operator/operator.ts";
import type { Filter } from "../../core/template/filter/filter.ts";
import { isObject, printJson, type Json, type JsonObject } from "../../core/json.ts";
import { code, page, table, yamlBlock } from "./markdown.ts";
import { extractorExamples, filterExamples, modifierExamples, operatorExamples } from "./worked-examples.ts";

export const operatorsPage = (operators: readonly OperatorType[]): string =>
  page(
    "Operators",
    "Conditions of `WHERE`, of filters and of `when`. A value that is missing makes an operator false unless it says otherwise.",
    ...operators.flatMap(({ name, aliases, summary, example }) => [
      `## ${name}`,
      summary + (aliases.length === 0 ? "" : ` Also written ${aliases.map(code).join(", ")}.`),
      yamlBlock(example),
      table(
        ["event", "answer"],
        (operatorExamples[name] ?? []).map(([given, truth]) => [code(printJson(eventOf(given))), String(truth)]),
      ),
    ]),
  );

/** An event with this payload, or the one that `event` says. */
export function eventOf(given: JsonObject): JsonObject {
  const event = given["event"];
  return isObject(event) ? event : { payload: given };
}

export const extractorsPage = (forms: readonly RegexForm[]): string =>
  page(
    "Extractors",
    "A variable of `WITH` takes its value from a text by a regular expression: `{from, regex, modifiers_post}`. The key of `regex` that holds the pattern says how.",
    ...forms.flatMap(({ key, optional, summary, example }) => [
      `## ${key}`,
      summary + (optional.length === 0 ? "" : ` Further keys: ${optional.map(code).join(", ")}.`),
      yamlBlock({ WITH: { service: { from: "${event.payload.message}", regex: example } } }),
      table(
        ["text", "variable"],
        (extractorExamples[key] ?? []).map(([source, value]) => [code(printJson(source)), shown(value)]),
      ),
    ]),
  );

export const modifiersPage = (modifiers: readonly ModifierType[]): string =>
  page(
    "Modifiers",
    "`modifiers_post` of an extractor changes the value it took, in the order given; the first that fails makes the rule match in part.",
    ...modifiers.flatMap(({ name, summary, example }) => [
      `## ${name}`,
      summary,
      yamlBlock({ modifiers_post: [example] }),
      table(
        ["before", "after"],
        (modifierExamples[name] ?? []).map(([before, after]) => [code(printJson(before)), shown(after)]),
      ),
    ]),
  );

const shown = (value: Json): string => (value === null ? "none: the rule matches in part" : code(printJson(value)));

export const filtersPage = (filters: readonly Filter[]): string =>
  page(
    "Template filters",
    "In a template a filter follows a path: `${event.payload.host | lower}`. A value of the wrong type is missing, which a later `??` catches.",
    table(
      ["filter", "usage", "meaning"],
      filters.map(({ name, usage, summary }) => [code(name), code(usage), summary]),
    ),
    "Examples:",
    table(
      ["template", "`x`", "result"],
      filters.flatMap(({ name }) =>
        (filterExamples[name] ?? []).map(([written, x, result]) => [
          code(`\${event.payload.x | ${written}}`),
          code(printJson(x)),
          result === undefined ? "missing" : code(printJson(result)),
        ]),
      ),
    ),
  );
