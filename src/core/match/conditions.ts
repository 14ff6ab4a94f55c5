/** Reads operators into conditions (condition.ts). An operator that is not known here is asked as it is. */
import { isArray, type Json } from "../json.ts";
import { equalValues, orderOf } from "../operator/compare.ts";
import type { Operand } from "../operator/operand.ts";
import type { Operator } from "../operator/operator.ts";
import type { Condition } from "./condition.ts";
import { keyOf, type Key } from "./key.ts";
import type { Slot } from "./slot.ts";
import type { Place, Slots } from "./slots.ts";

export interface Conditions {
  read(operator: Operator, place: Place): Condition;
  /** All of them. */
  and(parts: readonly Condition[]): Condition;
}

type Operandum = { readonly value: Json } | { readonly slot: Slot };
/** A condition without what `share` gives it. */
type Draft<C = Condition> = C extends Condition ? Omit<C, "id"> : never;

const TRUE: Condition = { kind: "constant", id: 0, cost: 0, value: true };
const FALSE: Condition = { kind: "constant", id: 1, cost: 0, value: false };

export function createConditions(slots: Slots): Conditions {
  const shared = new Map<string, Condition>();
  let lastId = 1;
  const own = (draft: Draft): Condition => ({ ...draft, id: ++lastId }) as Condition; // a draft lacks nothing but the id
  const share = (key: string, draft: () => Draft): Condition => {
    const found = shared.get(key);
    if (found) return found;
    const made = own(draft());
    shared.set(key, made);
    return made;
  };

  const oneOf = (slot: Slot, fold: boolean, keys: readonly Key[]): Condition => {
    const set = new Set(keys);
    if (set.size === 0) return FALSE;
    const names = [...set].map((key) => `${typeof key} ${JSON.stringify(String(key))}`).sort();
    return share(`one-of ${slot.id} ${fold} ${names.join()}`, () => ({
      kind: "one-of",
      slot,
      fold,
      keys: set,
      cost: fold ? 12 : 5,
    }));
  };

  const combine = (kind: "and" | "or", given: readonly Condition[]): Condition => {
    const neutral = kind === "and" ? TRUE : FALSE;
    const flat = given.flatMap((part) => (part.kind === kind ? part.parts : [part])).filter((part) => part !== neutral);
    if (flat.some((part) => part.kind === "constant")) return kind === "and" ? FALSE : TRUE;
    const merged = kind === "or" ? mergeOneOfs(flat) : flat;
    const parts = [...new Set(merged)].sort((a, b) => a.cost - b.cost);
    const [only = neutral] = parts;
    if (parts.length < 2) return only;
    const ids = parts.map((part) => part.id).sort((a, b) => a - b);
    const cost = parts.reduce((sum, part) => sum + part.cost, 0);
    return share(`${kind} ${ids.join()}`, () => ({ kind, parts, cost }));
  };

  /** `a = 1 or a = 2` is `a in (1, 2)`. */
  const mergeOneOfs = (parts: readonly Condition[]): readonly Condition[] => {
    const bySlot = new Map<string, { slot: Slot; fold: boolean; keys: Key[] }>();
    const others: Condition[] = [];
    for (const part of parts) {
      if (part.kind !== "one-of") {
        others.push(part);
        continue;
      }
      const { slot, fold } = part;
      const name = `${slot.id} ${fold}`;
      const group = bySlot.get(name) ?? { slot, fold, keys: [] };
      for (const key of part.keys) group.keys.push(key);
      bySlot.set(name, group);
    }
    return [...[...bySlot.values()].map(({ slot, fold, keys }) => oneOf(slot, fold, keys)), ...others];
  };

  const not = (part: Condition): Condition => {
    if (part.kind === "constant") return part.value ? FALSE : TRUE;
    if (part.kind === "not") return part.part;
    return share(`not ${part.id}`, () => ({ kind: "not", part, cost: part.cost }));
  };

  const operandOf = (operand: Operand, place: Place): Operandum =>
    operand.kind === "literal" ? { value: operand.value } : { slot: slots.ofTemplate(operand.template, place) };

  /** Asks the operator itself. */
  const ask = (operator: Operator, place: Place): (() => boolean) => {
    const { filterScope, ruleScope } = slots.state;
    const scope = place === "filter" ? filterScope : ruleScope;
    return () => operator.evaluate(scope);
  };

  const other = (operator: Operator, place: Place): Condition =>
    own({ kind: "other", test: ask(operator, place), cost: 200 });

  const equals = (operator: Operator, place: Place): Condition => {
    const first = operandOf(operator.operands["first"]!, place);
    const second = operandOf(operator.operands["second"]!, place);
    if ("value" in first && "value" in second) return equalValues(first.value, second.value) ? TRUE : FALSE;
    if ("slot" in first && "slot" in second) {
      const [a, b] = [first.slot, second.slot];
      return own({ kind: "other", test: () => equalValues(a.read(), b.read()), cost: 20 });
    }
    const { slot } = "slot" in first ? first : (second as { slot: Slot }); // one of them is
    const { value } = "value" in first ? first : (second as { value: Json });
    const key = keyOf(value);
    if (key !== undefined) return oneOf(slot, false, [key]);
    return own({ kind: "other", test: () => equalValues(slot.read(), value), cost: 20 });
  };

  const equalsIgnoreCase = (operator: Operator, place: Place): Condition => {
    const first = operandOf(operator.operands["first"]!, place);
    const second = operandOf(operator.operands["second"]!, place);
    if ("slot" in first && "slot" in second) return other(operator, place);
    if ("value" in first && "value" in second) return operator.evaluate({}) ? TRUE : FALSE;
    const { slot } = "slot" in first ? first : (second as { slot: Slot }); // one of them is
    const { value } = "value" in first ? first : (second as { value: Json });
    return typeof value === "string" ? oneOf(slot, true, [value.toLowerCase()]) : FALSE;
  };

  const ordered =
    (holds: (order: number) => boolean) =>
    (operator: Operator, place: Place): Condition => {
      const first = operandOf(operator.operands["first"]!, place);
      const second = operandOf(operator.operands["second"]!, place);
      const a = "slot" in first ? () => first.slot.read() : () => first.value;
      const b = "slot" in second ? () => second.slot.read() : () => second.value;
      const test = (): boolean => {
        const order = orderOf(a(), b());
        return order !== undefined && holds(order);
      };
      return own({ kind: "other", test, cost: 15 });
    };

  /** One text, or any of a list of them, at some place of a text. */
  const text =
    (how: "starts" | "ends" | "contains", fold: boolean, form: "one" | "any" | "all", containers: boolean) =>
    (operator: Operator, place: Place): Condition => {
      const first = operandOf(operator.operands["first"]!, place);
      const second = operandOf(operator.operands["second"]!, place);
      const needles = "value" in second ? needlesOf(second.value, form === "one") : null;
      if (!("slot" in first) || needles === null || (form === "all" && needles.length === 0))
        return other(operator, place);
      const { slot } = first;
      const parts = needles.map((given) => {
        const needle = fold ? given.toLowerCase() : given;
        const otherwise = containers ? ask(operator, place) : null;
        const key = `${how} ${fold} ${containers} ${slot.id} ${place} ${needle}`;
        const cost = how === "contains" ? 40 : 12;
        return share(key, () => ({ kind: "text", how, slot, fold, needle, otherwise, cost }));
      });
      return combine(form === "all" ? "and" : "or", parts);
    };

  const regex = (operator: Operator, place: Place): Condition => {
    const target = operandOf(operator.operands["target"]!, place);
    const { regex: expression } = operator;
    if (!expression || !("slot" in target)) return other(operator, place);
    const { slot } = target;
    return share(`regex ${slot.id} ${expression.source}`, () => ({
      kind: "regex",
      slot,
      regex: expression,
      cost: 400,
    }));
  };

  const readers: Readonly<Record<string, (operator: Operator, place: Place) => Condition>> = {
    AND: (operator, place) =>
      combine(
        "and",
        operator.operators.map((inner) => read(inner, place)),
      ),
    OR: (operator, place) =>
      combine(
        "or",
        operator.operators.map((inner) => read(inner, place)),
      ),
    NOT: (operator, place) => not(read(operator.operators[0]!, place)),
    equals,
    ne: (operator, place) => not(equals(operator, place)),
    equalsIgnoreCase,
    contains: text("contains", false, "one", true),
    containsIgnoreCase: text("contains", true, "one", true),
    ge: ordered((order) => order >= 0),
    gt: ordered((order) => order > 0),
    le: ordered((order) => order <= 0),
    lt: ordered((order) => order < 0),
    regex,
  };
  const read = (operator: Operator, place: Place): Condition =>
    Object.hasOwn(readers, operator.type) ? readers[operator.type]!(operator, place) : other(operator, place);

  return { read, and: (parts) => combine("and", parts) };
}

function needlesOf(value: Json, onlyOne: boolean): readonly string[] | null {
  if (typeof value === "string") return [value];
  if (onlyOne) return null;
  return isArray(value) && value.every((one) => typeof one === "string") ? (value as readonly string[]) : null; // every one is
}
