import { describe, expect, test, vi } from "vitest";
import { compileForTest, describeOperator, refusal } from "../../../test/kit/describe-operator.ts";
import type { Json, JsonObject } from "../json.ts";
import { OWN_VARIABLES } from "../path.ts";
import { jsonLogicOperator } from "./json-logic.ts";

describe("rule-language.md, Operators: jsonLogic", () => {
  describeOperator(jsonLogicOperator);

  const BIG = 9007199254740993n;
  const event: JsonObject = {
    type: "disk",
    created_ms: 1,
    payload: {
      size: 2000,
      name: "srv-01",
      empty: [],
      nothing: null,
      none: "",
      big: BIG,
      disks: [
        { id: "sda", used: 91 },
        { id: "sdb", used: 12 },
      ],
      hostile: { toString: 1, valueOf: 1, indexOf: 1 },
      names: [{ log: "run" }, { cat: ["a"] }],
      key: "constructor",
      __proto__: { x: 1 },
    },
  };
  const scope = { event, _variables: { other: { host: "h1" }, own: 1 }, [OWN_VARIABLES]: { own: 2 } };
  const truth = (logic: Json): boolean => {
    const { operator, issues } = compileForTest({ type: "jsonLogic", logic });
    expect(issues).toEqual([]);
    return operator!.evaluate(scope);
  };
  const payload = (name: string): JsonObject => ({ var: `event.payload.${name}` });

  describe("truth", () => {
    test.each<[Json, boolean]>([
      [{ ">": [payload("size"), 1000] }, true],
      [{ ">": [payload("size"), 3000] }, false],
      [{ "<": [1000, payload("size"), 3000] }, true],
      [{ and: [{ "==": [{ var: "event.type" }, "disk"] }, { in: ["srv", payload("name")] }] }, true],
      [{ or: [payload("nothing"), payload("none"), payload("absent"), payload("empty")] }, false],
      [{ "!": payload("empty") }, true],
      [{ "!!": payload("empty") }, false],
      [{ if: [payload("size"), "yes", ""] }, true],
      [{ "?:": [payload("absent"), "yes", ""] }, false],
      [{ some: [payload("disks"), { ">": [{ var: "used" }, 90] }] }, true],
      [{ all: [payload("disks"), { ">": [{ var: "used" }, 90] }] }, false],
      [{ none: [payload("disks"), { ">": [{ var: "used" }, 95] }] }, true],
      [{ "==": [{ reduce: [{ map: [payload("disks"), { var: "used" }] }, ADD, 0] }, 103] }, true],
      [{ filter: [payload("disks"), { "==": [{ var: "id" }, "sdc"] }] }, false],
      [{ "==": [{ var: "event.payload.disks.1.id" }, "sdb"] }, true],
      [{ "==": [{ var: ["event.payload.absent", "fallback"] }, "fallback"] }, true],
      [{ "==": [{ cat: [payload("name"), "!"] }, "srv-01!"] }, true],
      [{ "==": [{ substr: [payload("name"), 0, 3] }, "srv"] }, true],
      [{ "==": [{ "%": [payload("size"), 7] }, 5] }, true],
      [{ "==": [{ max: [1, payload("size")] }, 2000] }, true],
      [{ missing: ["event.payload.size", "event.payload.absent"] }, true],
      [{ missing: ["event.payload.size"] }, false],
      [{ missing_some: [1, ["event.payload.size", "event.payload.absent"]] }, false],
      [{ missing_some: [2, ["event.payload.size", "event.payload.absent"]] }, true],
      [{ "==": [{ var: "variables.other.host" }, "h1"] }, true],
      [{ "==": [{ var: "variables.own" }, 2] }, true],
    ])("%j is %s", (logic, expected) => expect(truth(logic)).toBe(expected));

    test("inside anyOf the element can be read", () => {
      const logic = { ">": [{ var: "element.used" }, 90] };
      const document = { type: "anyOf", target: "${event.payload.disks}", operator: { type: "jsonLogic", logic } };
      const { operator, issues } = compileForTest(document);
      expect(issues).toEqual([]);
      expect(operator!.evaluate(scope)).toBe(true);
    });
  });

  const ADD = { "+": [{ var: "accumulator" }, { var: "current" }] };

  describe("large integers", () => {
    test.each<[Json, boolean]>([
      [{ "==": [payload("big"), BIG] }, true],
      [{ "==": [payload("big"), BIG - 1n] }, false],
      [{ "===": [payload("big"), BIG] }, true],
      [{ ">": [payload("big"), 5] }, true],
      [{ ">": [payload("big"), 1.5] }, true],
      [{ in: [payload("big"), [1, BIG]] }, true],
      [{ "==": [{ cat: [payload("big")] }, "9007199254740993"] }, true],
      [{ ">": [{ "-": [payload("big"), 1] }, 0] }, true],
      [{ "<": [{ "-": [payload("big")] }, 0] }, true],
      [{ ">": [{ "/": [payload("big"), 2] }, 0] }, true],
      [{ "<": [{ "%": [payload("big"), 10] }, 10] }, true],
      [{ ">": [{ "+": [payload("big"), 1] }, 0] }, true],
      [{ ">": [{ "*": [payload("big"), 2] }, 0] }, true],
      [{ "==": [{ min: [payload("big"), 1] }, 1] }, true],
    ])("row %# is %s", (...row) => expect(truth(row[0])).toBe(row[1]));
  });

  describe("hostile events", () => {
    test.each<[string, Json, boolean]>([
      ["an inherited member is missing", { var: "event.constructor" }, false],
      ["so is one named by the event", { var: { cat: ["event.", payload("key")] } }, false],
      ["an object as a path finds nothing", { var: payload("hostile") }, false],
      ["text of an object that has none", { cat: [payload("hostile")] }, false],
      ["comparison with it", { "!": { "==": [payload("hostile"), "a"] } }, false],
      ["looking into it", { in: ["a", payload("hostile")] }, false],
      ["names that are none", { missing_some: [1, payload("nothing")] }, false],
    ])("%s", (_, logic, expected) => expect(truth(logic)).toBe(expected));

    test("names that look like logic are not run", () => {
      const log = vi.spyOn(console, "log");
      expect(truth({ missing: payload("names") })).toBe(true);
      expect(truth({ missing_some: [1, payload("names")] })).toBe(true);
      expect(log).not.toHaveBeenCalled();
      log.mockRestore();
    });
  });

  describe("mistakes", () => {
    const operation = (logic: Json): ReturnType<typeof refusal> => refusal({ type: "jsonLogic", logic });
    test.each<[Json, readonly [string, string, string]]>([
      [{ ">>": [1, 2] }, ["logic.>>", "unknown-operation", 'unknown operation ">>"']],
      [{ log: "x" }, ["logic.log", "unknown-operation", 'unknown operation "log"']],
      [{ method: ["x", "trim"] }, ["logic.method", "unknown-operation", 'unknown operation "method"']],
      [{ "cat.prototype": [] }, ["logic.cat.prototype", "unknown-operation", 'unknown operation "cat.prototype"']],
      [{ hasOwnProperty: 1 }, ["logic.hasOwnProperty", "unknown-operation", 'unknown operation "hasOwnProperty"']],
      [{ and: [true, { mapp: [[], 1] }] }, ["logic.and.1.mapp", "unknown-operation", 'unknown operation "mapp"']],
      [{ map: [[], { logg: 1 }] }, ["logic.map.1.logg", "unknown-operation", 'unknown operation "logg"']],
      [{ "!!": { var: "evnt.type" } }, ["logic.!!.var", "unknown-root", 'unknown root "evnt" in "evnt.type"']],
      [
        { "!!": { var: ["_variables.a", 1] } },
        ["logic.!!.var", "unknown-root", 'unknown root "_variables" in "_variables.a"'],
      ],
      [
        { "!!": { "==": [1, 1], ">": [1, 2] } },
        ["logic.!!", "bad-operation", 'the operation "==" is not alone in its object'],
      ],
      [{ "*": [] }, ["logic.*", "bad-operation", 'the operation "*" has nothing to multiply']],
      [true, ["logic", "wrong-type", "the boolean true where one operation of JsonLogic is expected"]],
      [[], ["logic", "wrong-type", "an array where one operation of JsonLogic is expected"]],
      [{}, ["logic", "wrong-type", "an object where one operation of JsonLogic is expected"]],
    ])("%j", (logic, expected) => expect(operation(logic)).toEqual([expected]));

    test("a misspelt operation and a misspelt root come with the likely one", () => {
      const { issues } = compileForTest({ type: "jsonLogic", logic: { fliter: [{ var: "evnt" }, true] } });
      expect(issues).toMatchObject([{ suggestion: "filter" }]);
      const root = compileForTest({ type: "jsonLogic", logic: { "!!": { var: "variable.x" } } });
      expect(root.issues).toMatchObject([{ suggestion: "variables" }]);
    });
  });
});
