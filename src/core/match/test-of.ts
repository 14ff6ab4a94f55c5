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
    if (part.kind !== "text") {
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
  const test = hasPart(how, slot, fold, needle);
  return otherwise === null ? test : () => test() || (isContainer(slot.read()) && otherwise());
}

/** A function of its own for each kind, since what it needs then stands together in memory. */
function hasPart(how: TextTest["how"], slot: Slot, fold: boolean, needle: string): Test {
  switch (how) {
    case "starts":
      return fold ? () => slot.lower()?.startsWith(needle) === true : () => slot.text()?.startsWith(needle) === true;
    case "ends":
      return fold ? () => slot.lower()?.endsWith(needle) === true : () => slot.text()?.endsWith(needle) === true;
    case "contains":
      return fold ? () => slot.lower()?.includes(needle) === true : () => slot.text()?.includes(needle) === true;
  }
}

/** At least one, in the same way at the same slot. */
function hasOneText(tests: readonly TextTest[]): Test {
  const [first] = tests as [TextTest]; // a group is not empty
  if (tests.length === 1) return hasText(first);
  const { how, slot, fold } = first;
  const holds = someOf(
    how,
    tests.map(({ needle }) => needle),
    fold,
  );
  const asked = tests.flatMap(({ otherwise }) => otherwise ?? []);
  return () => {
    const value = fold ? slot.lower() : slot.text();
    if (value !== undefined) return holds(value);
    return asked.length > 0 && isContainer(slot.read()) && asked.some((ask) => ask());
  };
}

/** Whether a text, the slot's as it is or in lower case, has one of these there. */
function someOf(how: TextTest["how"], needles: readonly string[], fold: boolean): (text: string) => boolean {
  if (fold && how !== "contains" && needles.length >= MANY_AFFIXES && needles.every(isAscii))
    return hasOneAffix(how, needles);
  const holds = PLACES[how];
  return (text) => {
    for (let i = 0; i < needles.length; i++) if (holds(text, needles[i]!)) return true;
    return false;
  };
}

/** Of many, all at once. */
function hasOneAffix(how: "starts" | "ends", needles: readonly string[]): (text: string) => boolean {
  const trie = new AffixTrie(
    needles.map((needle) => ({ text: needle, whole: false, rules: [0] })),
    how === "ends",
  );
  const found = new Bits(1);
  return (text) => {
    found.words[0] = 0;
    trie.find(text, found);
    return found.words[0] !== 0;
  };
}

const MANY_AFFIXES = 6;
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function matchesWildcard({ slot, fold, pattern }: WildcardTest): Test {
  const matches = compileWildcard(pattern);
  return () => {
    const value = fold ? slot.lower() : slot.text();
    return value !== undefined && matches(value);
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
