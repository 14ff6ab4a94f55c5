/**
 * What must be equal for a condition to hold: by slot (and whether its lower case is meant), the keys of which the value must
 * be one. NOT requires nothing, OR only what all of its branches do.
 */
import type { Condition } from "./condition.ts";
import type { Key } from "./key.ts";
import type { Slot, Turn } from "./slot.ts";

export interface Required {
  readonly slot: Slot;
  readonly fold: boolean;
  readonly keys: ReadonlySet<Key>;
}

/** By `id` of the slot, twice, plus one for lower case. */
export type RequiredKeys = ReadonlyMap<number, Required>;

/** A list longer than this selects nothing: its rule would stand in the index once for every element. */
const MOST_KEYS = 100;

const NONE: RequiredKeys = new Map();

/** Remembers what it has found for each condition. Values of the turn `changing` (variables) require nothing. */
export function createRequiredKeys(changing: Turn): (condition: Condition) => RequiredKeys {
  const known = new Map<number, RequiredKeys>();
  const requiredBy = (condition: Condition): RequiredKeys => {
    if (condition.kind !== "and" && condition.kind !== "or" && condition.kind !== "one-of") return NONE;
    const found = known.get(condition.id);
    if (found) return found;
    const made = find(condition);
    known.set(condition.id, made);
    return made;
  };
  const find = (condition: Condition): RequiredKeys => {
    switch (condition.kind) {
      case "one-of": {
        const { slot, fold, keys } = condition;
        return keys.size > MOST_KEYS || slot.turn === changing
          ? NONE
          : new Map([[accessorOf(slot, fold), { slot, fold, keys }]]);
      }
      case "and":
        return condition.parts.map(requiredBy).reduce(both);
      case "or": {
        let all = requiredBy(condition.parts[0]!);
        for (const part of condition.parts) {
          if (all.size === 0) return NONE;
          all = either(all, requiredBy(part));
        }
        return all;
      }
      default:
        return NONE;
    }
  };
  return requiredBy;
}

export const accessorOf = (slot: Slot, fold: boolean): number => slot.id * 2 + Number(fold);

export function both(a: RequiredKeys, b: RequiredKeys): RequiredKeys {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [accessor, required] of b) {
    const known = all.get(accessor);
    const keys = known ? new Set([...known.keys].filter((key) => required.keys.has(key))) : required.keys;
    all.set(accessor, { ...required, keys });
  }
  return all;
}

function either(a: RequiredKeys, b: RequiredKeys): RequiredKeys {
  const all = new Map<number, Required>();
  for (const [accessor, required] of a) {
    const other = b.get(accessor);
    if (!other) continue;
    const keys = new Set([...required.keys, ...other.keys]);
    if (keys.size <= MOST_KEYS) all.set(accessor, { ...required, keys });
  }
  return all;
}
