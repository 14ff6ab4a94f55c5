/**
 * JsonLogic (jsonlogic.com) by json-logic-js, on `{event, variables}`, and `element` inside anyOf and allOf. The library
 * is shaped for trusted data; the operations below replace its own where an event could otherwise
 * - be run as logic: `missing` and `missing_some` evaluate the names they are given;
 * - reach what no JSON holds: `var` reads inherited members such as `constructor`;
 * - make it throw: arithmetic that mixes exact large integers with other numbers.
 *
 * Comparisons are of exact integers; arithmetic is of doubles.
 */
import jsonLogic from "json-logic-js";
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import { OWN_VARIABLES, type Scope } from "../path.ts";
import { found, list, strictObject } from "../rule/strict-object.ts";
import { suggest } from "../suggest.ts";
import type { OperatorType } from "./operator.ts";

type Logic = Parameters<typeof jsonLogic.apply>[0];

export const jsonLogicOperator: OperatorType = {
  name: "jsonLogic",
  aliases: [],
  summary:
    "A JsonLogic expression on `{event, variables}` is truthy (by JsonLogic: an empty array is not). It is run as it is written for every event that reaches it, without the indexes that serve the other operators: put cheaper conditions before it, and expect its cost to grow with the arrays it goes through. What cannot be computed of an event's values is false.",
  example: { type: "jsonLogic", logic: { ">": [{ var: "event.payload.size" }, 1000] } },
  compile(document, { issues, roots }) {
    strictObject(document, { required: ["type", "logic"] }, issues);
    const logic = member(document, "logic");
    if (logic === undefined) return null;
    const at = issues.at("logic");
    if (!isObject(logic) || Object.keys(logic).length !== 1) {
      at.error("wrong-type", `${found(logic)} where one operation of JsonLogic is expected`, {
        accepted: 'an object with one key such as {">": [{var: event.payload.size}, 1000]}',
      });
      return null;
    }
    const inElement = roots.includes("element");
    const names = ["event", "variables", ...(inElement ? ["element"] : [])];
    if (!checkLogic(logic, names, at)) return null;
    return { type: "jsonLogic", operands: {}, operators: [], logic, evaluate: (scope) => holds(logic, dataOf(scope)) };
  },
};

/** An error here comes from an event's values (text that an object does not have, too much of it): they do not match. */
function holds(logic: JsonObject, data: JsonObject): boolean {
  try {
    return jsonLogic.truthy(jsonLogic.apply(logic as unknown as Logic, data)); // checkLogic has seen every operation
  } catch {
    return false;
  }
}

/** `variables` are those of `_variables`: by rule, and over them the rule's own. */
function dataOf(scope: Scope): JsonObject {
  const data: MutableJsonObject = {};
  for (const name of ["event", "element"]) {
    const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
    if (value !== undefined) data[name] = value;
  }
  const variables: MutableJsonObject = {};
  for (const from of [scope["_variables"], scope[OWN_VARIABLES]])
    if (isObject(from)) for (const name of Object.keys(from)) setMember(variables, name, member(from, name)!);
  data["variables"] = variables;
  return data;
}

/** Each evaluates its second argument on the elements of the first. */
const OVER_ELEMENTS = ["map", "filter", "reduce", "all", "none", "some"];
const COMPARISONS = ["==", "===", "!=", "!==", ">", ">=", "<", "<="];
const LOGICAL = ["if", "?:", "and", "or", "!", "!!"];
const ARITHMETIC = ["+", "-", "*", "/", "%", "min", "max"];
const OF_TEXT = ["in", "cat", "substr"];
const OPERATIONS = ["var", "missing", "missing_some", "merge"].concat(
  LOGICAL,
  COMPARISONS,
  ARITHMETIC,
  OVER_ELEMENTS,
  OF_TEXT,
);

/** `names`: what a `var` may start with; null on the elements of an array, whose members are not known. */
function checkLogic(logic: Json, names: readonly string[] | null, issues: IssueSink): boolean {
  if (isArray(logic)) return logic.map((one, at) => checkLogic(one, names, issues.at(at))).every(Boolean);
  if (!isObject(logic)) return true;
  const keys = Object.keys(logic);
  if (keys.length !== 1) return isLiteral(keys, issues);
  const name = keys[0]!;
  if (!OPERATIONS.includes(name)) {
    const suggestion = suggest(name, OPERATIONS);
    issues.at(name).error("unknown-operation", `unknown operation ${JSON.stringify(name)}`, {
      accepted: list(OPERATIONS),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return false;
  }
  const given = member(logic, name)!;
  const at = issues.at(name);
  if (name === "*" && isArray(given) && given.length === 0) {
    at.error("bad-operation", 'the operation "*" has nothing to multiply', { accepted: "one number or more" });
    return false;
  }
  if (name === "var" && !checkVar(given, names, at)) return false;
  if (!isArray(given)) return checkLogic(given, names, at);
  const inner = (index: number): readonly string[] | null =>
    index === 1 && OVER_ELEMENTS.includes(name) ? null : names;
  return given.map((one, index) => checkLogic(one, inner(index), at.at(index))).every(Boolean);
}

/** An object with none or several keys is a value; with the name of an operation among them it was meant otherwise. */
function isLiteral(keys: readonly string[], issues: IssueSink): boolean {
  const operation = keys.find((key) => OPERATIONS.includes(key));
  if (operation === undefined) return true;
  issues.error("bad-operation", `the operation ${JSON.stringify(operation)} is not alone in its object`, {
    accepted: "one operation in an object; put several under and: or or:",
  });
  return false;
}

function checkVar(given: Json, names: readonly string[] | null, issues: IssueSink): boolean {
  const path = isArray(given) ? given[0] : given;
  if (names === null || typeof path !== "string" || path === "") return true;
  const root = path.split(".")[0]!;
  if (names.includes(root)) return true;
  const suggestion = suggest(root, names);
  issues.error("unknown-root", `unknown root ${JSON.stringify(root)} in ${JSON.stringify(path)}`, {
    accepted: list(names),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return false;
}

/** The member at a path of keys and indexes with dots between; null is found, `undefined` is not. */
function valueAt(data: unknown, path: unknown): unknown {
  if (path === undefined || path === null || path === "") return data;
  if (typeof path !== "string" && typeof path !== "number") return undefined;
  let value = data;
  for (const key of String(path).split(".")) {
    if (value === undefined || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key]; // has it
  }
  return value;
}

function missing(data: unknown, names: readonly unknown[]): readonly unknown[] {
  return names.filter((name) => ["", null].includes((valueAt(data, name) ?? null) as string | null)); // anything, compared
}

const double = (value: unknown): number => (typeof value === "bigint" ? Number(value) : (value as number)); // as `-` takes it

/** Set once, when this file is loaded, in the library's table: it has one for all its users, and this file is the only one. */
const REPLACED: Readonly<Record<string, (this: unknown, ...values: readonly unknown[]) => unknown>> = {
  var(path, fallback = null) {
    const value = valueAt(this, path);
    return value === undefined ? fallback : value;
  },
  missing(...names) {
    return missing(this, Array.isArray(names[0]) ? (names[0] as readonly unknown[]) : names);
  },
  missing_some(needed, names) {
    if (!Array.isArray(names)) return [];
    const absent = missing(this, names);
    return names.length - absent.length >= double(needed) ? [] : absent;
  },
  "-": (a, b) => (b === undefined ? -double(a) : double(a) - double(b)),
  "/": (a, b) => double(a) / double(b),
  "%": (a, b) => double(a) % double(b),
  min: (...values) => Math.min(...values.map(double)),
  max: (...values) => Math.max(...values.map(double)),
};
for (const [name, operation] of Object.entries(REPLACED)) jsonLogic.add_operation(name, operation);
jsonLogic.rm_operation("log");
