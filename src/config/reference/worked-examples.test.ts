import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../core/diagnostic.ts";
import { compileExtractor } from "../../core/extractor/compile-extractor.ts";
import { regexForms } from "../../core/extractor/list.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { compileModifier } from "../../core/modifier/compile-modifier.ts";
import { modifierTypes } from "../../core/modifier/list.ts";
import { compileOperator } from "../../core/operator/compile-operator.ts";
import { operatorTypes } from "../../core/operator/list.ts";
import { DEFAULT_REGEX_LIMITS } from "../../core/regex/regex.ts";
import { filters } from "../../core/template/filter/list.ts";
import { compileTemplate } from "../../core/template/template.ts";
import { eventOf } from "./language-pages.ts";
import { extractorExamples, filterExamples, modifierExamples, operatorExamples } from "./worked-examples.ts";

const options = { roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS };

/** What `compile` gives, without a word against it. */
function sound<T>(compile: (issues: ReturnType<typeof issueSink>) => T | null): T {
  const issues: Issue[] = [];
  const compiled = compile(issueSink(issues));
  expect(issues).toEqual([]);
  return compiled!;
}

describe("every member has worked examples", () => {
  test.each<[string, readonly string[], object]>([
    ["operators", operatorTypes.map(({ name }) => name), operatorExamples],
    ["extractors", regexForms.map(({ key }) => key), extractorExamples],
    ["modifiers", modifierTypes.map(({ name }) => name), modifierExamples],
    ["filters", filters.map(({ name }) => name), filterExamples],
  ])("%s", (_, members, examples) => {
    expect(Object.keys(examples).toSorted()).toEqual(members.toSorted());
  });

  test("an operator is shown to be true and to be false", () => {
    for (const [name, rows] of Object.entries(operatorExamples))
      expect(new Set(rows.map(([, truth]) => truth)), name).toEqual(new Set([true, false]));
  });
});

const rowsOf = <Row extends readonly unknown[]>(examples: Readonly<Record<string, readonly Row[]>>) =>
  Object.entries(examples).flatMap(([name, rows]) => rows.map((row) => [name, ...row] as const));

test.each(rowsOf(operatorExamples))("%s of %j is %s", (name, given, expected) => {
  const { example } = operatorTypes.find((type) => type.name === name)!;
  const operator = sound((issues) => compileOperator(example, options, issues));
  expect(operator.evaluate({ event: eventOf(given) })).toBe(expected);
});

test.each(rowsOf(extractorExamples))("%s takes out of %j: %j", (key, source, expected) => {
  const { example } = regexForms.find((form) => form.key === key)!;
  const document: JsonObject = { from: "${event.payload.x}", regex: example };
  const extractor = sound((issues) => compileExtractor("v", document, options, issues));
  const taken = extractor.extract({ event: { payload: { x: source } } });
  expect(taken.ok ? taken.value : null).toEqual(expected);
});

test.each(rowsOf(modifierExamples))("%s makes of %j: %j", (name, value, expected) => {
  const { example } = modifierTypes.find((type) => type.name === name)!;
  const modifier = sound((issues) => compileModifier(example, { ...options, issues }));
  const made = modifier.apply(value, { event: {} });
  expect(made.ok ? made.value : null).toEqual(expected);
});

test.each(rowsOf(filterExamples))("%s: %s of %j is %j", (name, written, x, expected) => {
  expect(written.split("(")[0]).toBe(name);
  const template = sound((issues) => compileTemplate(`\${event.payload.x | ${written}}`, options.roots, issues));
  expect(template.render({ event: { payload: { x } } })).toEqual(expected satisfies Json | undefined);
});
