/**
 * Operators as conditions. Each reader takes the operands it knows a form for; all else is asked as it is
 * (`operator.evaluate`), and so is an operator that is not in the table.
 */
import { isArray, type Json } from "../json.ts";
import { equalValues, orderOf } from "../operator/compare.ts";
import type { Operator } from "../operator/operator.ts";
import type { Condition, TextTest } from "./condition.ts";
import { FALSE, TRUE, type Conditions } from "./conditions.ts";
import { keyOf } from "./key.ts";
import type { Slot } from "./slot.ts";
import type { Place, Slots } from "./slots.ts";

export type ReadOperator = (operator: Operator, place: Place) => Condition;

/** A reader gives null for operands that it has no form for. */
type Reader = (operator: Operator, place: Place) => Condition | null;

type Read = { readonly value: Json } | { readonly slot: Slot };

export function createReadOperator(slots: Slots, conditions: Conditions): ReadOperator {
  /** Asks the operator itself. */
  const ask = (operator: Operator, place: Place): (() => boolean) => {
    const { filterScope, ruleScope } = slots.state;
    const scope = place === "filter" ? filterScope : ruleScope;
    return () => operator.evaluate(scope);
  };

  const operandOf = ({ operands }: Operator, key: string, place: Place): Read => {
    const operand = operands[key]!;
    return operand.kind === "literal" ? { value: operand.value } : { slot: slots.ofTemplate(operand.template, place) };
  };

  /** Of an operator whose first operand comes from the event while the second is written out. */
  const written = (operator: Operator, place: Place): { slot: Slot; value: Json } | null => {
    const first = operandOf(operator, "first", place);
    const second = operandOf(operator, "second", place);
    return "slot" in first && "value" in second ? { slot: first.slot, value: second.value } : null;
  };

  const swapped = (operator: Operator): Operator => ({
    ...operator,
    operands: { first: operator.operands["second"]!, second: operator.operands["first"]! },
  });

  const equals: Reader = (operator, place) => {
    const operands = written(operator, place) ?? written(swapped(operator), place);
    if (operands === null) {
      const [first, second] = [operandOf(operator, "first", place), operandOf(operator, "second", place)];
      if ("value" in first || "value" in second) return operator.evaluate({}) ? TRUE : FALSE;
      const [a, b] = [first.slot, second.slot];
      return conditions.other(`equals ${a.id} ${b.id}`, 20, () => equalValues(a.read(), b.read()));
    }
    const { slot, value } = operands;
    const key = keyOf(value);
    if (key !== undefined) return conditions.oneOf(slot, false, [key]);
    return conditions.other(null, 20, () => equalValues(slot.read(), value));
  };

  const equalsIgnoreCase: Reader = (operator, place) => {
    const operands = written(operator, place) ?? written(swapped(operator), place);
    if (operands === null) return null;
    const { slot, value } = operands;
    return typeof value === "string" ? conditions.oneOf(slot, true, [value.toLowerCase()]) : FALSE;
  };

  const ordered =
    (holds: (order: number) => boolean): Reader =>
    (operator, place) => {
      const [first, second] = [operandOf(operator, "first", place), operandOf(operator, "second", place)];
      const a = "slot" in first ? () => first.slot.read() : () => first.value;
      const b = "slot" in second ? () => second.slot.read() : () => second.value;
      return conditions.other(null, 15, () => {
        const order = orderOf(a(), b());
        return order !== undefined && holds(order);
      });
    };

  const isIn =
    (fold: boolean): Reader =>
    (operator, place) => {
      const operands = written(operator, place);
      if (operands === null || !isArray(operands.value)) return null;
      const { slot, value } = operands;
      const keys = value.map(keyOf);
      if (!keys.every((key) => key !== undefined)) return null;
      if (!fold) return conditions.oneOf(slot, false, keys);
      const strings = keys.filter((key) => typeof key === "string");
      const others = keys.filter((key) => typeof key !== "string");
      return conditions.or([conditions.oneOf(slot, true, strings.map(lower)), conditions.oneOf(slot, false, others)]);
    };

  /** `contains` takes one text, and also looks into arrays and objects. */
  const contains =
    (fold: boolean): Reader =>
    (operator, place) => {
      const operands = written(operator, place);
      if (operands === null || typeof operands.value !== "string") return null;
      const { slot, value } = operands;
      const needle = fold ? lower(value) : value;
      return conditions.text({ how: "contains", slot, fold, needle, otherwise: ask(operator, place) });
    };

  /** One text, or some or all of a list, in strings only. */
  const texts =
    (how: TextTest["how"], fold: boolean, combined: "or" | "and"): Reader =>
    (operator, place) => {
      const operands = written(operator, place);
      const needles = operands && textsOf(operands.value);
      if (!operands || !needles || (combined === "and" && needles.length === 0)) return null;
      const { slot } = operands;
      return conditions[combined](
        needles.map((text) => conditions.text({ how, slot, fold, needle: fold ? lower(text) : text, otherwise: null })),
      );
    };

  const wildcard =
    (fold: boolean): Reader =>
    (operator, place) => {
      const operands = written(operator, place);
      const patterns = operands && textsOf(operands.value);
      if (!operands || !patterns) return null;
      const { slot } = operands;
      return conditions.or(patterns.map((pattern) => conditions.wildcard(slot, fold, fold ? lower(pattern) : pattern)));
    };

  const readers: Readonly<Record<string, Reader>> = {
    AND: (operator, place) => conditions.and(operator.operators.map((inner) => read(inner, place))),
    OR: (operator, place) => conditions.or(operator.operators.map((inner) => read(inner, place))),
    NOT: (operator, place) => conditions.not(read(operator.operators[0]!, place)),
    equals,
    ne: (operator, place) => {
      const same = equals({ ...operator, evaluate: (scope) => !operator.evaluate(scope) }, place);
      return same && conditions.not(same);
    },
    equalsIgnoreCase,
    contains: contains(false),
    containsIgnoreCase: contains(true),
    containsAny: texts("contains", false, "or"),
    containsAnyIgnoreCase: texts("contains", true, "or"),
    containsAll: texts("contains", false, "and"),
    containsAllIgnoreCase: texts("contains", true, "and"),
    startsWith: texts("starts", false, "or"),
    startsWithIgnoreCase: texts("starts", true, "or"),
    endsWith: texts("ends", false, "or"),
    endsWithIgnoreCase: texts("ends", true, "or"),
    wildcard: wildcard(false),
    wildcardIgnoreCase: wildcard(true),
    in: isIn(false),
    inIgnoreCase: isIn(true),
    notIn: (operator, place) => negated(isIn(false)(operator, place)),
    notInIgnoreCase: (operator, place) => negated(isIn(true)(operator, place)),
    exists(operator, place) {
      const target = operandOf(operator, "target", place);
      if (!("slot" in target)) return null;
      const { slot } = target;
      return conditions.other(`exists ${slot.id}`, 5, () => (slot.read() ?? null) !== null);
    },
    ge: ordered((order) => order >= 0),
    gt: ordered((order) => order > 0),
    le: ordered((order) => order <= 0),
    lt: ordered((order) => order < 0),
    regex(operator, place) {
      const target = operandOf(operator, "target", place);
      return operator.regex && "slot" in target ? conditions.regex(target.slot, operator.regex) : null;
    },
  };
  const negated = (condition: Condition | null): Condition | null => condition && conditions.not(condition);

  const read: ReadOperator = (operator, place) => {
    const reader = Object.hasOwn(readers, operator.type) ? readers[operator.type]! : null;
    return reader?.(operator, place) ?? conditions.other(null, 200, ask(operator, place));
  };
  return read;
}

const lower = (text: string): string => text.toLowerCase();
const allTexts = (list: readonly Json[]): list is readonly string[] => list.every((one) => typeof one === "string");
const textsOf = (value: Json): readonly string[] | null =>
  typeof value === "string" ? [value] : isArray(value) && allTexts(value) ? value : null;
