import { describe, expect, test } from "vitest";
import type { Json } from "./json.ts";
import { OWN_VARIABLES, parsePath, printPath, readPath } from "./path.ts";

describe("tornado.md 4.2 to 4.4 and 16.5 to 16.7: paths", () => {
  /** Accessors of tornado.md 4.2 and 16.5 to 16.7. */
  describe("paths", () => {
    test.each<[string, readonly (string | number)[]]>([
      ["event", ["event"]],
      ["event.payload.a", ["event", "payload", "a"]],
      ["event.payload.", ["event", "payload"]],
      [".event..payload...a", ["event", "payload", "a"]],
      ["event^payload", ["event", "payload"]],
      ['event.payload."key.with.dots"', ["event", "payload", "key.with.dots"]],
      ['event.payload."with space"', ["event", "payload", "with space"]],
      ['event.payload."a}b"', ["event", "payload", "a}b"]],
      ['event.payload."a|b?(c)"', ["event", "payload", "a|b?(c)"]],
      ['event.payload."p^q"', ["event", "payload", "p^q"]],
      ['event.payload.""', ["event", "payload", ""]],
      ['event.payload."o""k"', ["event", "payload", "o", "k"]],
      ['"event"."payload"', ["event", "payload"]],
      ["event.a[0][12]", ["event", "a", 0, 12]],
      ["event.a.[1]", ["event", "a", 1]],
      ["event.a[00]", ["event", "a", 0]],
      ["event.a[+1]", ["event", "a", 1]],
      ['event.a."[1]"', ["event", "a", 1]],
      ["event.o[]", ["event", "o", "]"]],
      ["event.o[0", ["event", "o", "0"]],
      ["event.o[", ["event", "o"]],
      ["event.]", ["event", "]"]],
      ["event.it's", ["event", "it's"]],
      ["event.$", ["event", "$"]],
      ["event.{y", ["event", "{y"]],
      ["event.é-0", ["event", "é-0"]],
      ["[0].x", [0, "x"]],
    ])("%s", (text, expected) => {
      const path = parsePath(text);
      if (!path.ok) return expect.fail(path.error);
      expect([path.value.root, ...path.value.steps]).toEqual(expected);
    });

    test.each<[string, string]>([
      [".", 'the path "." has no key'],
      ["", 'the path "" has no key'],
      ["..^", 'the path "..^" has no key'],
      ["event.a[x]", '"x" between brackets is no index; accepted: a number from 0'],
      ["event.a[ 1 ]", '" 1 " between brackets is no index; accepted: a number from 0'],
      ["event.a[-1]", '"-1" between brackets is no index; accepted: a number from 0'],
      [
        "event.a[18446744073709551616]",
        '"18446744073709551616" between brackets is no index; accepted: a number from 0',
      ],
      ['event.a["0"]', 'unbalanced quote in "[\\"0\\"]"'],
      ['event.payload"s"', 'unbalanced quote in "payload\\"s\\""'],
      ['event."', 'unbalanced quote in "\\""'],
      ['event."a.b', 'unbalanced quote in "\\"a"'],
      ["event.a b", 'white space in the unquoted key "a b"; quote the key'],
      ["event.a?b", '"?" in the unquoted key "a?b"; quote the key'],
      ["event.a(b)", '"(" in the unquoted key "a(b)"; quote the key'],
    ])("%s is refused", (text, message) => {
      expect(parsePath(text)).toEqual({ ok: false, error: message });
    });

    test.each(["event.payload.a[0]", 'event."a b".c', "_variables.rule.x"])("%s prints as it is read", (text) => {
      const path = parsePath(text);
      expect(path.ok && printPath(path.value)).toBe(text);
    });
  });

  describe("reading", () => {
    const event: Json = {
      id: "e1",
      type: "t",
      created_ms: 5,
      payload: { a: [10, { b: null }], s: "text", __proto__x: 1 },
      metadata: {},
      trace_id: null,
    };
    const read = (text: string, scope: Record<string, Json>): Json | undefined => {
      const path = parsePath(text);
      return path.ok ? readPath(path.value, scope) : expect.fail(path.error);
    };

    test.each<[string, Json | undefined]>([
      ["event.type", "t"],
      ["event.id", "e1"],
      ["event.trace_id", null],
      ["event.payload.a[0]", 10],
      ["event.payload.a[1].b", null],
      ["event.payload.a[2]", undefined],
      ["event.payload.a.length", undefined],
      ["event.payload.s.length", undefined],
      ["event.payload.s[0]", undefined],
      ["event.payload[0]", undefined],
      ["event.payload.a[1].b.c", undefined],
      ["event.payload.toString", undefined],
      ["event.payload.__proto__", undefined],
      ["event.constructor", undefined],
      ["toString", undefined],
      ["other.x", undefined],
      ["[0].x", undefined],
      ["event", { type: "t", created_ms: 5, payload: event.payload as Json, metadata: {}, trace_id: null }],
    ])("%s", (text, expected) => {
      expect(read(text, { event })).toEqual(expected);
    });

    test("own members named __proto__ are ordinary", () => {
      const payload = JSON.parse('{"__proto__": {"x": 1}, "constructor": "c"}') as Json;
      expect(read("event.payload.__proto__.x", { event: { payload } })).toBe(1);
      expect(read("event.payload.constructor", { event: { payload } })).toBe("c");
    });

    test("the whole event holds the iterator below one", () => {
      const iterator = { iteration: 0, item: "x" };
      expect(read("event", { event: { ...event, iterator } })).toMatchObject({ iterator });
    });

    /** tornado.md 4.4 */
    test.each<[string, Json | undefined]>([
      ["_variables.own", "mine"],
      ["_variables.nothing", null],
      ["_variables.earlier.v", "theirs"],
      ["_variables.own.v", "of a rule named own"],
      ["_variables.shared", "mine too"],
      ["_variables.missing", undefined],
    ])("%s: the rule's own variables come first", (text, expected) => {
      const scope = {
        _variables: { earlier: { v: "theirs" }, own: { v: "of a rule named own" }, shared: { v: 1 } },
        [OWN_VARIABLES]: { own: "mine", nothing: null, shared: "mine too" },
      };
      expect(read(text, scope)).toEqual(expected);
    });
  });
});
