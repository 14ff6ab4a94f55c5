/** Conditions as functions of what their slots hold now. */
import { compileWildcard } from "../operator/wildcard-pattern.ts";
import { AffixTrie } from "./affix-trie.ts";
import { Bits } from "./bits.ts";
import type { Condition, OneOf, RegexTest, TextTest, WildcardTest } from "./condition.ts";
import { keyOf } from "./key.ts";
import { better, needsOfPattern } from "./pattern-needs.ts";
import type { Slot } from "./slot.ts";
import { TextMap } from "./text-map.ts";

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
        return allOf(condition.parts.map(testOf))!; // there are parts
      case "or":
        return anyOf(testsOfOr(condition.parts, testOf));
      case "not": {
        const test = testOf(condition.part);
        return () => !test();
      }
      case "one-of":
        return isOneOf(condition);
      case "text":
        return hasText(condition);
      case "wildcard":
        return matchesWildcard(condition);
      case "regex":
        return matchesPattern(condition);
      case "other":
        return condition.test;
    }
  };
  return testOf;
}

/** One after the other; null where there are none. */
export function allOf(tests: readonly Test[]): Test | null {
  const [a, b, c] = tests;
  switch (tests.length) {
    case 0:
      return null;
    case 1:
      return a!;
    case 2:
      return () => a!() && b!();
    case 3:
      return () => a!() && b!() && c!();
    default:
      return () => {
        for (let i = 0; i < tests.length; i++) if (!tests[i]!()) return false;
        return true;
      };
  }
}

function anyOf(tests: readonly Test[]): Test {
  const [a, b, c] = tests;
  switch (tests.length) {
    case 1:
      return a!;
    case 2:
      return () => a!() || b!();
    case 3:
      return () => a!() || b!() || c!();
    default:
      return () => {
        for (let i = 0; i < tests.length; i++) if (tests[i]!()) return true;
        return false;
      };
  }
}

/** Texts that are looked for in the same way at the same slot are one test. */
function testsOfOr(parts: readonly Condition[], testOf: (condition: Condition) => Test): readonly Test[] {
  const groups = new Map<string, TextTest[]>();
  const tests: Test[] = [];
  for (const part of parts) {
    if (part.kind !== "text" || part.otherwise !== null) {
      tests.push(testOf(part));
      continue;
    }
    const name = `${part.slot.id} ${part.how} ${part.fold}`;
    const group = groups.get(name);
    if (group) group.push(part);
    else groups.set(name, [part]);
  }
  return [...[...groups.values()].map(hasOneText), ...tests];
}

function isOneOf({ slot, fold, keys }: OneOf): Test {
  const [only] = keys;
  if (keys.size === 1) {
    if (fold) return () => slot.lower() === only;
    if (typeof only !== "number" && typeof only !== "bigint") return () => slot.read() === only;
  }
  const texts = new TextMap([...keys].flatMap((key) => (typeof key === "string" ? [[key, true] as const] : [])));
  if (fold)
    return () => {
      const text = slot.lower();
      return text !== undefined && texts.get(text) === true;
    };
  return () => {
    const value = slot.read();
    if (typeof value === "string") return texts.get(value) === true;
    const key = keyOf(value);
    return key !== undefined && keys.has(key);
  };
}

function hasText({ how, slot, fold, needle, otherwise }: TextTest): Test {
  const holds = PLACES[how];
  const text = textOf(slot, fold);
  return () => {
    const value = text();
    if (value !== undefined) return holds(value, needle);
    return otherwise !== null && isContainer(slot.read()) && otherwise();
  };
}

/** At least one, in the same way at the same slot. */
function hasOneText(tests: readonly TextTest[]): Test {
  const [{ how, slot, fold }] = tests as [TextTest]; // a group is not empty
  const holds = PLACES[how];
  const text = textOf(slot, fold);
  const needles = tests.map(({ needle }) => needle);
  if (fold && how !== "contains" && needles.length >= MANY_AFFIXES && needles.every(isAscii))
    return hasOneAffix(slot, how, needles);
  return () => {
    const value = text();
    if (value !== undefined) for (let i = 0; i < needles.length; i++) if (holds(value, needles[i]!)) return true;
    return false;
  };
}

/** Of many, all at once. */
function hasOneAffix(slot: Slot, how: "starts" | "ends", needles: readonly string[]): Test {
  const trie = new AffixTrie(
    needles.map((needle) => ({ text: needle, whole: false, rules: [0] })),
    how === "ends",
  );
  const found = new Bits(1);
  return () => {
    const value = slot.lower();
    if (value === undefined) return false;
    found.words[0] = 0;
    trie.find(value, found);
    return found.words[0] !== 0;
  };
}

const MANY_AFFIXES = 6;
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function matchesWildcard({ slot, fold, pattern }: WildcardTest): Test {
  const matches = compileWildcard(pattern);
  const text = textOf(slot, fold);
  return () => {
    const value = text();
    return value !== undefined && matches(value);
  };
}

/** A string, or its lower case. */
function textOf(slot: Slot, fold: boolean): () => string | undefined {
  if (fold) return () => slot.lower();
  return () => {
    const value = slot.read();
    return typeof value === "string" ? value : undefined;
  };
}

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

const PLACES: Readonly<Record<TextTest["how"], (text: string, needle: string) => boolean>> = {
  starts: (text, needle) => text.startsWith(needle),
  ends: (text, needle) => text.endsWith(needle),
  contains: (text, needle) => text.includes(needle),
};

/** A search costs far more than to see that the text is too short, or that what every match holds is not there. */
function matchesPattern({ slot, regex }: RegexTest): Test {
  const { length, lower, written } = needsOfPattern(regex.source);
  const fold = better(written, lower) === lower;
  const literals = (fold ? lower : written) ?? [""];
  const guards = literals.length > MOST_GUARDS ? [""] : literals;
  return () => {
    const value = slot.read();
    if (typeof value !== "string" || value.length < length) return false;
    const text = fold ? slot.lower()! : value;
    for (let i = 0; i < guards.length; i++) if (text.includes(guards[i]!)) return regex.test(value);
    return false;
  };
}

const MOST_GUARDS = 8;
