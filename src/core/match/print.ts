/**
 * The places of rules (placement.ts) as text:
 *
 *     ruleset root.windows: 3 rules
 *       for every event
 *         rule_a: tested always, about 400 ns: a negation names nothing that must be there
 *       event.payload.EventID = 1
 *         rule_b: event.payload.Image ends with "\cmd.exe"
 *         rule_c: tested always, about 40 ns: so few rules are tested one by one
 */
import type { Atom } from "./atom.ts";
import type { KeyFound, Placement } from "./placement.ts";
import type { RulesetPlan } from "./plan.ts";

export const printPlan = (rulesets: readonly RulesetPlan[]): string => rulesets.map(printRuleset).join("\n");

function printRuleset({ path, places }: RulesetPlan): string {
  const groups = new Map<string, Placement[]>();
  for (const place of places) {
    const way = place.way.length === 0 ? "for every event" : place.way.map(keyText).join(", ");
    const group = groups.get(way);
    if (group) group.push(place);
    else groups.set(way, [place]);
  }
  const rules = new Set(places.map(({ rule }) => rule)).size;
  const lines = [`ruleset ${path}: ${rules} ${rules === 1 ? "rule" : "rules"}`];
  // What every event meets is told first, and there what costs most.
  const ways = [...groups].sort(([, a], [, b]) => Math.min(1, a[0]!.way.length) - Math.min(1, b[0]!.way.length));
  for (const [way, group] of ways) {
    lines.push(`  ${way}`);
    const always = group.filter(({ atoms }) => atoms === null).sort((a, b) => b.cost - a.cost);
    const found = group.filter(({ atoms }) => atoms !== null);
    lines.push(...[...always, ...found].map((place) => `    ${placeText(place)}`));
  }
  return `${lines.join("\n")}\n`;
}

function placeText({ rule: { name }, atoms, cost, reason }: Placement): string {
  if (atoms === null) return `${name}: tested always, about ${Math.round(cost)} ns: ${reason}`;
  const shown = atoms.slice(0, MOST_TEXTS).map(atomText);
  const more = atoms.length > shown.length ? ` or ${atoms.length - shown.length} more` : "";
  return `${name}: ${shown.join(" or ")}${more}`;
}

const MOST_TEXTS = 4;

const keyText = ({ slot, fold, key }: KeyFound): string =>
  `${slot.name} ${fold ? "in any case " : ""}= ${keyValue(key)}`;

const keyValue = (key: KeyFound["key"]): string => (typeof key === "string" ? JSON.stringify(key) : String(key));

function atomText({ slot, how, needle }: Atom): string {
  return how === "beyond" ? `${slot.name} ${HOW[how]}` : `${slot.name} ${HOW[how]} ${keyValue(needle)}`;
}

const HOW: Readonly<Record<Atom["how"], string>> = {
  is: "is",
  scalar: "is",
  starts: "starts with",
  ends: "ends with",
  contains: "contains",
  beyond: "holds a character beyond ASCII",
};
