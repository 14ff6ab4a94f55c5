/** Makes conditions (condition.ts): normalizes them, and gives out one object for all that are equal. */
import type { Regex } from "../regex/regex.ts";
import type { Condition, TextTest } from "./condition.ts";
import type { Key } from "./key.ts";
import type { Slot } from "./slot.ts";

export interface Conditions {
  and(parts: readonly Condition[]): Condition;
  or(parts: readonly Condition[]): Condition;
  not(part: Condition): Condition;
  oneOf(slot: Slot, fold: boolean, keys: readonly Key[]): Condition;
  /** `otherwise` is the same for all texts of this kind. */
  text(test: Omit<TextTest, "kind" | "id" | "cost">): Condition;
  wildcard(slot: Slot, fold: boolean, pattern: string): Condition;
  regex(slot: Slot, regex: Regex): Condition;
  /** Tests of one name do the same; null: it has no equal. */
  other(name: string | null, cost: number, test: () => boolean): Condition;
  /** None will be made any more. What was made keeps this object alive, and need not keep the names of all conditions. */
  forget(): void;
}

export const TRUE: Condition = { kind: "constant", id: 0, cost: 0, value: true };
export const FALSE: Condition = { kind: "constant", id: 1, cost: 0, value: false };

export function createConditions(): Conditions {
  const shared = new Map<string, Condition>();
  let lastId = 1;
  const share = (name: string, make: (id: number) => Condition): Condition => {
    const found = shared.get(name);
    if (found) return found;
    const made = make(++lastId);
    shared.set(name, made);
    return made;
  };

  const oneOf: Conditions["oneOf"] = (slot, fold, keys) => {
    const set = new Set(keys);
    if (set.size === 0) return FALSE;
    const names = [...set].map((key) => `${typeof key} ${JSON.stringify(String(key))}`).sort();
    const cost = fold ? 12 : 5;
    return share(`one-of ${slot.id} ${fold} ${names.join()}`, (id) => ({
      kind: "one-of",
      id,
      cost,
      slot,
      fold,
      keys: set,
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
    return share(`${kind} ${ids.join()}`, (id) => ({ kind, id, cost, parts }));
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

  return {
    and: (parts) => combine("and", parts),
    or: (parts) => combine("or", parts),
    not(part) {
      if (part.kind === "constant") return part.value ? FALSE : TRUE;
      if (part.kind === "not") return part.part;
      return share(`not ${part.id}`, (id) => ({ kind: "not", id, cost: part.cost, part }));
    },
    oneOf,
    text(test) {
      const { how, slot, fold, needle, otherwise } = test;
      const cost = how === "contains" ? 40 : 12;
      const name = `${how} ${fold} ${otherwise !== null} ${slot.id} ${needle}`;
      return share(name, (id) => ({ kind: "text", id, cost, ...test }));
    },
    wildcard: (slot, fold, pattern) =>
      share(`wildcard ${slot.id} ${fold} ${pattern}`, (id) => ({
        kind: "wildcard",
        id,
        cost: 40 * pattern.split("*").length,
        slot,
        fold,
        pattern,
      })),
    regex: (slot, regex) =>
      share(`regex ${slot.id} ${regex.source}`, (id) => ({ kind: "regex", id, cost: 400, slot, regex })),
    other(name, cost, test) {
      const make = (id: number): Condition => ({ kind: "other", id, cost, test });
      return name === null ? make(++lastId) : share(`other ${name}`, make);
    },
    forget: () => shared.clear(),
  };
}
