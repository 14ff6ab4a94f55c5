/** Conditions as functions of what their slots hold now. */
import { compileWildcard } from "../operator/wildcard-pattern.ts";
import type { Condition, OneOf, RegexTest, TextTest } from "./condition.ts";
import { keyOf } from "./key.ts";
import { needsOfPattern } from "./pattern-needs.ts";

export type Test = () => boolean;

/** Makes each condition's function once. */
export function createTests(): (condition: Condition) => Test {
  const made = new Map<number, Test>();
  const testOf = (condition: Condition): Test => {
    const found = made.get(condition.id);
    if (found) return found;
    const test = make(condition);
    made.set(condition.id, test);
    return test;
  };
  const make = (condition: Condition): Test => {
    switch (condition.kind) {
      case "constant": {
        const { value } = condition;
        return () => value;
      }
      case "and":
        return every(condition.parts.map(testOf));
      case "or":
        return some(condition.parts.map(testOf));
      case "not": {
        const test = testOf(condition.part);
        return () => !test();
      }
      case "one-of":
        return isOneOf(condition);
      case "text":
        return hasText(condition);
      case "wildcard": {
        const { slot, fold, pattern } = condition;
        const matches = compileWildcard(pattern);
        return () => {
          const value = fold ? slot.lower() : slot.read();
          return typeof value === "string" && matches(value);
        };
      }
      case "regex":
        return matchesPattern(condition);
      case "other":
        return condition.test;
    }
  };
  return testOf;
}

function every(tests: readonly Test[]): Test {
  const [a, b, c] = tests;
  if (tests.length === 2) return () => a!() && b!();
  if (tests.length === 3) return () => a!() && b!() && c!();
  return () => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!()) return false;
    return true;
  };
}

function some(tests: readonly Test[]): Test {
  const [a, b, c] = tests;
  if (tests.length === 2) return () => a!() || b!();
  if (tests.length === 3) return () => a!() || b!() || c!();
  return () => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!()) return true;
    return false;
  };
}

function isOneOf({ slot, fold, keys }: OneOf): Test {
  const [only] = keys;
  if (fold) {
    if (keys.size === 1) return () => slot.lower() === only;
    return () => {
      const text = slot.lower();
      return text !== undefined && keys.has(text);
    };
  }
  if (keys.size > 1 || typeof only === "bigint")
    return () => {
      const key = keyOf(slot.read());
      return key !== undefined && keys.has(key);
    };
  if (typeof only !== "number") return () => slot.read() === only;
  return () => {
    const value = slot.read();
    return value === only || (typeof value === "bigint" && keyOf(value) === only);
  };
}

function hasText({ how, slot, fold, needle, otherwise }: TextTest): Test {
  const holds = PLACES[how];
  return () => {
    const value = fold ? slot.lower() : slot.read();
    if (typeof value === "string") return holds(value, needle);
    return otherwise !== null && isContainer(slot.read()) && otherwise();
  };
}

/** A search costs far more than to see that the text is too short, or that what every match holds is not there. */
function matchesPattern({ slot, regex }: RegexTest): Test {
  const { length, literals } = needsOfPattern(regex.source);
  const guards = literals === null || literals.length > MOST_GUARDS ? null : literals;
  return () => {
    const value = slot.read();
    if (typeof value !== "string" || value.length < length) return false;
    if (guards === null) return regex.test(value);
    const lower = slot.lower()!;
    for (let i = 0; i < guards.length; i++) if (lower.includes(guards[i]!)) return regex.test(value);
    return false;
  };
}

const MOST_GUARDS = 8;

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

const PLACES: Readonly<Record<TextTest["how"], (text: string, needle: string) => boolean>> = {
  starts: (text, needle) => text.startsWith(needle),
  ends: (text, needle) => text.endsWith(needle),
  contains: (text, needle) => text.includes(needle),
};
