/** Pages of operators, extractors, modifiers and template filters. */
import type { RegexForm } from "../../core/extractor/regex-form.ts";
import type { ModifierType } from "../../core/modifier/modifier.ts";
import type { OperatorType } from "../../core/operator/operator.ts";
import type { Filter } from "../../core/template/filter/filter.ts";
import { code, page, table, yamlBlock } from "./markdown.ts";

export const operatorsPage = (operators: readonly OperatorType[]): string =>
  page(
    "Operators",
    "Conditions of `WHERE`, of filters and of `when`. A value that is missing makes an operator false unless it says otherwise.",
    ...operators.flatMap(({ name, aliases, summary, example }) => [
      `## ${name}`,
      summary + (aliases.length === 0 ? "" : ` Also written ${aliases.map(code).join(", ")}.`),
      yamlBlock(example),
    ]),
  );

export const extractorsPage = (forms: readonly RegexForm[]): string =>
  page(
    "Extractors",
    "A variable of `WITH` takes its value from a text by a regular expression: `{from, regex, modifiers_post}`. The key of `regex` that holds the pattern says how.",
    ...forms.flatMap(({ key, optional, summary, example }) => [
      `## ${key}`,
      summary + (optional.length === 0 ? "" : ` Further keys: ${optional.map(code).join(", ")}.`),
      yamlBlock({ WITH: { service: { from: "${event.payload.message}", regex: example } } }),
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
    ]),
  );

export const filtersPage = (filters: readonly Filter[]): string =>
  page(
    "Template filters",
    "In a template a filter follows a path: `${event.payload.host | lower}`. A value of the wrong type is missing, which a later `??` catches.",
    table(
      ["filter", "usage", "meaning"],
      filters.map(({ name, usage, summary }) => [code(name), code(usage), summary]),
    ),
  );
