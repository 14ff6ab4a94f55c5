import { member } from "../json.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import { found, strictObject, stringMember } from "../rule/strict-object.ts";
import { compileOperand, readOperand } from "./operand.ts";
import type { OperatorType } from "./operator.ts";

export const regex: OperatorType = {
  name: "regex",
  aliases: [],
  summary: "The target is a string in which the pattern (Rust's syntax, never a template) is found.",
  example: { type: "regex", regex: "^[a-z]+-\\d+$", target: "${event.payload.host}" },
  compile(document, context) {
    const { issues, regex: limits } = context;
    strictObject(document, { required: ["type", "regex", "target"] }, issues);
    const pattern = stringMember(document, "regex", issues);
    const target = member(document, "target");
    if (target !== undefined && typeof target !== "string")
      issues.at("target").error("wrong-type", `${found(target)} where a path such as \${event.type} is expected`);
    const compiled = pattern === undefined ? null : compileRegex(pattern, limits);
    if (compiled !== null && !compiled.ok)
      issues.at("regex").error("bad-regex", `${compiled.error.message} at character ${compiled.error.offset + 1}`);
    const operand = typeof target === "string" ? compileOperand(target, context, issues.at("target")) : null;
    if (!compiled?.ok || operand === null) return null;
    const expression = compiled.value;
    return {
      type: "regex",
      operands: { target: operand },
      operators: [],
      regex: expression,
      evaluate(scope) {
        const value = readOperand(operand, scope);
        return typeof value === "string" && expression.test(value);
      },
    };
  },
};
