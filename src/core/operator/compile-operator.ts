import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, type Json } from "../json.ts";
import type { RegexLimits } from "../regex/regex.ts";
import { found, list } from "../rule/strict-object.ts";
import { suggest } from "../suggest.ts";
import { operatorTypes } from "./list.ts";
import type { OperandOptions } from "./operand.ts";
import type { Operator, OperatorContext, ReadList } from "./operator.ts";

export interface OperatorOptions extends OperandOptions {
  readonly regex: RegexLimits;
  /** Absent: rules cannot name files. */
  readonly readList?: ReadList;
}

/** One operator with all inside it; null after the mistakes were reported. */
export function compileOperator(
  document: Json | undefined,
  options: OperatorOptions,
  issues: IssueSink,
): Operator | null {
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where an operator is expected`, {
      accepted: 'an object such as {type: equals, first: "${event.type}", second: eventlog}',
    });
    return null;
  }
  const name = member(document, "type");
  const type = operatorTypes.find((candidate) => candidate.name === name || candidate.aliases.includes(name as string));
  if (!type) {
    unknownOperator(name, issues);
    return null;
  }
  const compileInner: OperatorContext["compileInner"] = (inner, at, root) =>
    compileOperator(inner, root === undefined ? options : { ...options, roots: [...options.roots, root] }, at);
  return type.compile(document, { ...options, issues, compileInner });
}

function unknownOperator(name: Json | undefined, issues: IssueSink): void {
  const canonical = operatorTypes.map((candidate) => candidate.name);
  if (typeof name !== "string") {
    const message =
      name === undefined ? 'the key "type" is missing' : `${found(name)} where the name of an operator is expected`;
    issues.error(name === undefined ? "missing-key" : "wrong-type", message, { accepted: list(canonical) });
    return;
  }
  const suggestion = suggest(name, [...canonical, ...operatorTypes.flatMap((candidate) => candidate.aliases)]);
  issues.at("type").error("unknown-operator", `unknown operator ${JSON.stringify(name)}`, {
    accepted: list(canonical),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
