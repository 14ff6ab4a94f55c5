/**
 * What means something else here than in Tornado although it loads, and which executors and options the rules need.
 * What does not load is told by the diagnostics of the load.
 */
import { isArray, isObject, member, type Json } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import type { TornadoNode, TornadoRule } from "./tornado-node.ts";

export interface Needs {
  /** Action ids, foreach's own actions among them. */
  readonly actions: ReadonlySet<string>;
  /** Directories of scripts, with the rules that need them. */
  readonly scriptDirectories: ReadonlyMap<string, readonly string[]>;
}

export function inspectRules(nodes: readonly TornadoNode[], report: ReportSink): Needs {
  const actions = new Set<string>();
  const scriptDirectories = new Map<string, string[]>();
  // What an inactive rule says has no effect, so it is only noted.
  const noted = (source: string, message: string): void => report.note(source, `inactive: ${message}`);
  let told: Pick<ReportSink, "changed" | "refused"> = report;
  nodes.forEach(visit);
  return { actions, scriptDirectories };

  function visit(node: TornadoNode): void {
    told = report;
    if (node.type === "ruleset") return node.rules.forEach(inspectRule);
    if (node.type === "iterator" && member(node.settings, "active") === false)
      report.changed(node.source, "the inactive iterator reports inactive, and its target is not evaluated", 4);
    inspectText(node.settings, node.source);
    inspectOperator(member(node.settings, "filter"), node.source);
    node.nodes.forEach(visit);
  }

  function inspectRule({ source, document }: TornadoRule): void {
    told = member(document, "active") === false ? { changed: noted, refused: noted } : report;
    inspectText(document, source);
    const constraint = member(document, "constraint");
    if (isArray(constraint)) told.refused(source, "an array in place of the object constraint", 11);
    if (isObject(constraint)) inspectOperator(member(constraint, "WHERE"), source);
    inspectActions(member(document, "actions"), source);
  }

  function inspectActions(list: Json | undefined, source: string): void {
    for (const action of isArray(list) ? list : []) {
      if (isArray(action)) told.refused(source, "an array in place of an action", 11);
      if (!isObject(action)) continue;
      const id = member(action, "id");
      const payload = member(action, "payload") ?? null;
      if (typeof id === "string") actions.add(id);
      if (holdsMustache(payload))
        told.refused(source, "a payload object whose only key is mustache is a template here", 10);
      if (id === "script" && isObject(payload)) inspectScript(member(payload, "script"), source);
      if (id === "foreach" && isObject(payload)) inspectForeach(member(payload, "actions"), source);
    }
  }

  function inspectForeach(inner: Json | undefined, source: string): void {
    if (isArray(inner) && inner.some((action) => isObject(action) && member(action, "id") === "foreach"))
      told.changed(source, "the actions of a foreach in a foreach read their own element as item, not the outer one's");
    inspectActions(inner, source);
  }

  function inspectScript(command: Json | undefined, source: string): void {
    if (typeof command !== "string") return;
    const program = command.trim().split(/\s/)[0] ?? "";
    const fixed = program.slice(0, `${program}\${`.indexOf("${"));
    const slash = fixed.lastIndexOf("/");
    if (slash <= 0) {
      const why = fixed === program ? "is not given with its folder" : "comes from the event";
      told.refused(source, `scripts run only below given folders, and ${JSON.stringify(program)} ${why}`, 10);
      return;
    }
    const folder = fixed.slice(0, slash);
    if (!program.startsWith("/"))
      told.changed(
        source,
        `${JSON.stringify(program)} is relative: it is found from the working directory, and has to lie below the configuration folder`,
        10,
      );
    scriptDirectories.set(folder, [...(scriptDirectories.get(folder) ?? []), source]);
  }

  function inspectOperator(operator: Json | undefined, source: string): void {
    if (isArray(operator)) told.refused(source, "an array in place of an operator", 11);
    if (!isObject(operator)) return;
    const type = member(operator, "type");
    if (typeof type === "string" && EQUALITY.test(type))
      for (const operand of ["first", "second"].map((key) => member(operator, key)))
        if (holdsNumber(operand)) told.changed(source, `${type} compares numbers by value: 1 equals 1.0`, 1);
    inspectOperator(member(operator, "operator"), source);
    const inner = member(operator, "operators");
    if (isArray(inner)) for (const each of inner) inspectOperator(each, source);
  }

  function inspectText(value: Json, source: string): void {
    for (const inside of placeholders(value))
      if (/[|?()\s]/.test(inside.replace(/"[^"]*"/g, "")) || inside.startsWith("'"))
        told.refused(
          source,
          `\${${inside}} has a key that must be quoted: it holds white space, |, ? or parentheses`,
          6,
        );
  }
}

const EQUALITY = /^(equals?|ne|notEquals?|contains?)$/;

/** Keys whose text Tornado takes as it is. */
const LITERAL = new Set([
  "regex",
  "match",
  "named_match",
  "single_key_match",
  "find",
  "mapping",
  "default_value",
  "name",
  "description",
]);

function placeholders(value: Json): readonly string[] {
  if (typeof value === "string") return [...value.matchAll(/\$\{([^}]+)\}/g)].map((found) => found[1]!);
  if (isArray(value)) return value.flatMap(placeholders);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    LITERAL.has(key) && (typeof inner === "string" || key === "mapping") ? [] : placeholders(inner),
  );
}

const holdsNumber = (value: Json | undefined): boolean =>
  typeof value === "number" ||
  typeof value === "bigint" ||
  (isArray(value) ? value.some(holdsNumber) : isObject(value) && Object.values(value).some(holdsNumber));

function holdsMustache(value: Json): boolean {
  if (isArray(value)) return value.some(holdsMustache);
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return (keys.length === 1 && keys[0] === "mustache") || Object.values(value).some(holdsMustache);
}
