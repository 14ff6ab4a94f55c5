/** `in` and `notIn`, each as written and by Unicode lower case. A list that is written out is prepared when it is loaded. */
import { isArray, type Json } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { equalValues } from "./compare.ts";
import { readOperand } from "./operand.ts";
import { anyOperand, listOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

export interface Membership {
  readonly name: string;
  readonly summary: string;
  readonly ignoreCase: boolean;
  /** What a value gives that is in the list. */
  readonly member: boolean;
}

export const membership = ({ name, summary, ignoreCase, member }: Membership): OperatorType => ({
  name,
  aliases: [],
  summary,
  example: { type: name, first: "${event.payload.environment}", second: ["production", "staging"] },
  compile(document, context) {
    strictObject(document, { required: ["type", "first", "second"] }, context.issues);
    const first = anyOperand(document, "first", context);
    const second = listOperand(document, "second", { element: null, single: false, file: true }, context);
    if (!first || !second) return null;
    const written = second.kind === "literal" ? holder(second.value, ignoreCase) : null;
    return {
      type: name,
      operands: { first, second },
      operators: [],
      evaluate(scope) {
        const holds = written ?? holder(readOperand(second, scope), ignoreCase);
        return holds(readOperand(first, scope)) === member;
      },
    };
  },
});

/** Whether a value is deeply equal to an element. What is no list holds nothing, and nothing holds a missing value. */
function holder(list: Json | undefined, ignoreCase: boolean): (value: Json | undefined) => boolean {
  const elements = isArray(list) ? list : [];
  const strings = elements.filter((element) => typeof element === "string");
  const texts = new Set(ignoreCase ? strings.map((text) => text.toLowerCase()) : strings);
  const others = elements.filter((element) => typeof element !== "string");
  return (value) => {
    if (typeof value === "string") return texts.has(ignoreCase ? value.toLowerCase() : value);
    return value !== undefined && others.some((other) => equalValues(other, value));
  };
}
