/** `anyOf` and `allOf`: one operator asked about each element of an array, which it reads at `${element}`. */
import { isArray, member } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { readOperand } from "./operand.ts";
import { targetOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

export interface Elements {
  readonly name: string;
  readonly summary: string;
  readonly quantifier: "some" | "every";
}

export const elements = ({ name, summary, quantifier }: Elements): OperatorType => ({
  name,
  aliases: [],
  summary,
  example: {
    type: name,
    target: "${event.payload.disks}",
    operator: { type: "ge", first: "${element.used_percent}", second: 90 },
  },
  compile(document, context) {
    const { issues } = context;
    strictObject(document, { required: ["type", "target", "operator"] }, issues);
    const target = targetOperand(document, context);
    const inner = Object.hasOwn(document, "operator")
      ? context.compileInner(member(document, "operator"), issues.at("operator"), "element")
      : null;
    if (!target || !inner) return null;
    return {
      type: name,
      operands: { target },
      operators: [inner],
      evaluate(scope) {
        const array = readOperand(target, scope);
        return isArray(array) && array[quantifier]((element) => inner.evaluate({ ...scope, element }));
      },
    };
  },
});
