import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { compileTemplate, missingPart } from "./template.ts";
import { decimalText } from "./text.ts";

const ROOTS = ["event", "_variables"];
const event: Json = {
  id: "e1",
  type: "trap",
  created_ms: 1714641362511,
  payload: {
    s: "Text",
    n: 7,
    f: 13.5,
    big: 18446744073709551615n,
    huge: 1.7976931348623157e308,
    tiny: 5e-324,
    e21: 1e21,
    em7: 1e-7,
    nz: -0,
    over: 18446744073709552000,
    t: true,
    z: null,
    a: [1, 2],
    o: { k: "v" },
    "a}b": "brace",
    "it's": "quote",
    "x y": "space",
    tpl: "${event.type}",
    empty: "",
  },
};

function compile(source: string, roots: readonly string[] = ROOTS) {
  const issues: Issue[] = [];
  return { template: compileTemplate(source, roots, issueSink(issues)), issues };
}

describe("tornado.md 4 and 16.8 to 16.9, rule-language.md, Accessors and templates", () => {
  describe("values", () => {
    test.each<[string, "constant" | "value" | "text", Json | undefined]>([
      // recognition, tornado.md 4.1 and 16.9
      ["plain", "constant", "plain"],
      ["", "constant", ""],
      ["${}", "constant", "${}"],
      ["${event.type", "constant", "${event.type"],
      ["$event}", "constant", "$event}"],
      ["${event.payload.n}", "value", 7],
      ["${event.payload.a}", "value", [1, 2]],
      ["${event.payload.z}", "value", null],
      ["${event.payload.none}", "value", undefined],
      ["  ${event.type}  ", "text", "  trap  "],
      ["$${event.type}", "text", "$trap"],
      ["\\${event.type}", "text", "\\trap"],
      ["${event.type}${event.payload.n}", "text", "trap7"],
      ["${}${event.type}", "text", "${}trap"],
      ["${event.payload.s}}", "text", "Text}"],
      // rendering, tornado.md 4.5 and 16.3
      ["<${event.payload.n}>", "text", "<7>"],
      ["<${event.payload.f}>", "text", "<13.5>"],
      ["<${event.payload.big}>", "text", "<18446744073709551615>"],
      ["<${event.payload.over}>", "text", "<18446744073709552000>"],
      ["<${event.payload.e21}>", "text", "<1000000000000000000000>"],
      ["<${event.payload.em7}>", "text", "<0.0000001>"],
      ["<${event.payload.nz}>", "text", "<0>"],
      ["<${event.payload.t}>", "text", "<true>"],
      ["<${event.payload.z}>", "text", "<null>"],
      ["<${event.payload.a}>", "text", undefined],
      ["<${event.payload.o}>", "text", undefined],
      ["<${event.payload.none}>", "text", undefined],
      // values are never parsed again
      ["<${event.payload.tpl}>", "text", "<${event.type}>"],
      // item belongs to foreach
      ["${item.name}", "constant", "${item.name}"],
      ["${item}", "constant", "${item}"],
      ["${event.type}: ${item.name}", "text", "trap: ${item.name}"],
      ["${item.name ?? event.type}", "constant", "${item.name ?? event.type}"],
      ["${event.type ?? item.name}", "constant", "${event.type ?? item.name}"],
      // quotes protect braces
      ['${event.payload."a}b"}', "value", "brace"],
      ["${event.payload.it's}", "value", "quote"],
      ["${event.payload.it's} ${event.payload.it's}", "text", "quote quote"],
      ["${'${'}", "value", "${"],
      ["a ${'}'} b", "text", "a } b"],
      ["it's ${event.type}, isn't it", "text", "it's trap, isn't it"],
      // defaults
      ["${event.payload.none ?? 'x'}", "value", "x"],
      ["${event.payload.none??'x'}", "value", "x"],
      ['${event.payload.none ?? "x"}', "value", "x"],
      ["${event.payload.none ?? 5}", "value", 5],
      ["${event.payload.none ?? -1.50e1}", "value", -15],
      ["${event.payload.none ?? 18446744073709551615}", "value", 18446744073709551615n],
      ["${event.payload.none ?? true}", "value", true],
      ["${event.payload.none ?? null}", "value", null],
      ["${event.payload.z ?? 'x'}", "value", "x"],
      ["${event.payload.empty ?? 'x'}", "value", ""],
      ["${event.payload.none ?? event.payload.n}", "value", 7],
      ['${event.payload.none ?? "event".payload."x y"}', "value", "space"],
      ["${event.payload.none ?? event.payload.none2 ?? 'last'}", "value", "last"],
      ["<${event.payload.a ?? 'x'}>", "text", undefined],
      // filters, left to right
      ["${event.payload.s | lower}", "value", "text"],
      ["${event.payload.s|upper|truncate(3)}", "value", "TE…"],
      ["${event.payload.none | lower ?? 'x'}", "value", "x"],
      ["${event.payload.n | lower ?? 'wrong type'}", "value", "wrong type"],
      ["${event.payload.none ?? 'ABC' | lower}", "value", "abc"],
      ["${event.payload.a | join( ', ' )}", "value", "1, 2"],
      ["${event.payload.s | replace('T', \"}\")}", "value", "}ext"],
      ["${event.payload.s | replace('x', '|') | lower}", "value", "te|t"],
      ["${event.created_ms | date}", "value", "2024-05-02T09:16:02.511Z"],
      ["at ${event.created_ms | date('%H:%M', 'Europe/Rome')}!", "text", "at 11:16!"],
      ["${'A' | lower}", "value", "a"],
      ["${'A' | lower()}", "value", "a"],
      ['${event.payload."x y" | upper}', "value", "SPACE"],
    ])("%s", (source, kind, expected) => {
      const { template, issues } = compile(source);
      expect(issues).toEqual([]);
      expect(template?.kind).toBe(kind);
      expect(template!.render({ event })).toEqual(expected);
    });

    test.each([
      ["<${event.payload.huge}>", 311],
      ["<${event.payload.tiny}>", 328],
    ])("%s has %i characters", (source, length) => {
      expect(compile(source).template!.render({ event })).toHaveLength(length);
    });
  });

  describe("refused", () => {
    test.each<[string, string, string, string?]>([
      ["${.}", "bad-template", 'the path "." has no key in ${.}'],
      ["${foo.bar}", "unknown-root", 'unknown root "foo" in ${foo.bar}'],
      ["${evnt.type}", "unknown-root", 'unknown root "evnt" in ${evnt.type}', "event"],
      ["${payload.s}", "unknown-root", 'unknown root "payload" in ${payload.s}', "event.payload.s"],
      ["${event[0]}", "unknown-root", "the event is an object and has no elements in ${event[0]}"],
      ["${_variables}", "unknown-root", "_variables needs the name of a variable or of a rule in ${_variables}"],
      ["${[0].x}", "unknown-root", 'unknown root "[0]" in ${[0].x}'],
      [
        "x ${event.a[x]}",
        "bad-template",
        '"x" between brackets is no index; accepted: a number from 0 in ${event.a[x]}',
      ],
      ['x ${event."a}', "bad-template", 'unbalanced quote in "\\"a" in ${event."a}'],
      [
        "${event.payload.x y}",
        "bad-template",
        'white space in the unquoted key "x y"; quote the key in ${event.payload.x y}',
      ],
      ["${ event.type }", "bad-template", 'white space in the unquoted key " event"; quote the key in ${ event.type }'],
      ["${ }", "bad-template", 'white space in the unquoted key " "; quote the key in ${ }'],
      ["${event.type ?? }", "bad-template", "an operand is missing in ${event.type ?? }"],
      ["${event.type ?? 'x}", "bad-template", "the quote ' does not close in ${event.type ?? 'x}"],
      ["${event.type | }", "bad-template", "a filter name is missing after | in ${event.type | }"],
      ["${event.type | lowr}", "unknown-filter", 'unknown filter "lowr" in ${event.type | lowr}', "lower"],
      [
        "${event.type | truncate}",
        "bad-filter",
        "the filter truncate takes one argument, found 0 in ${event.type | truncate}",
      ],
      [
        "${event.type | join(x)}",
        "bad-template",
        'the filter argument "x" is neither quoted nor a number in ${event.type | join(x)}',
      ],
      [
        "${event.type | join('x'}",
        "bad-template",
        "a filter's arguments do not end with ) in ${event.type | join('x'}",
      ],
      [
        "${event.type | lower x}",
        "bad-template",
        '"x" is no operator (an unquoted key holds no white space, |, ? or parenthesis; quote the key) in ${event.type | lower x}',
      ],
      ["x ${foo.bar ?? 'y'}", "unknown-root", "unknown root \"foo\" in ${foo.bar ?? 'y'}"],
      ["${event.type ?? evnt.x}", "unknown-root", 'unknown root "evnt" in ${event.type ?? evnt.x}', "event"],
    ])("%s", (source, code, message, suggestion) => {
      const { template, issues } = compile(source);
      expect(template).toBeNull();
      expect(issues).toHaveLength(1);
      expect(issues[0]).toMatchObject({ severity: "error", code, message });
      expect(issues[0]!.suggestion).toBe(suggestion);
    });

    test("all mistakes of a text are reported", () => {
      expect(compile("${event.a[x]} ${event.type | lowr} ${.}").issues).toHaveLength(3);
    });
  });

  /** tornado.md 16.8, 16.9: built by Tornado, and then always missing. */
  test.each(["x ${foo.bar}", "x ${[0].x}", "x ${_variables}", "x ${event[0]}", "${${event.type}}"])(
    "%s loads with a warning and is always missing",
    (source) => {
      const { template, issues } = compile(source);
      expect(issues).toMatchObject([{ severity: "warning", code: "unknown-root" }]);
      expect(template!.render({ event })).toBeUndefined();
    },
  );

  test("a root of the caller's is known only there", () => {
    expect(compile("${payload.id}", ["payload"]).template!.render({ payload: { id: 5 } })).toBe(5);
    expect(compile("${item.x}", ["event", "item"]).template!.render({ item: { x: 1 } })).toBe(1);
  });

  test.each([
    ["${event.payload.none}", "${event.payload.none} is missing"],
    ["a ${event.type} ${event.payload.none | lower}", "${event.payload.none | lower} is missing"],
    ["a ${event.payload.a}", "${event.payload.a} is an array, which cannot be put into text"],
  ])("why %s has no value", (source, message) => {
    expect(missingPart(compile(source).template!, { event })).toBe(message);
  });

  test("the digits of a number read back as that number, without an exponent", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decimalText(value)).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(decimalText(value))).toBe(value + 0);
      }),
    );
  });

  describe("any text", () => {
    const pieces = fc.constantFrom(
      ..."${ } ${event.payload. } ' \" ?? | ( ) [ ] . ^ , \\ \n a 0 lower truncate( event item _variables 😀".split(
        " ",
      ),
      " ",
      "${",
      "}",
    );
    test("compiles or is refused with a message, and renders, without throwing", () => {
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
          const { template, issues } = compile(parts.join(""));
          expect(template === null).toBe(issues.some(({ severity }) => severity === "error"));
          template?.render({ event, _variables: {} });
        }),
        { numRuns: 3000 },
      );
    });

    test.each([
      ["${", 20_000],
      ['${"', 20_000],
      ["${'", 20_000],
      ["${event.a ?? ", 2000],
      ["${event.a|lower}", 5000],
      ["[", 20_000],
    ])("%s repeated %i times is read within the time of a test", (piece, times) => {
      compile(piece.repeat(times));
      compile(`\${event.${piece.repeat(times)}}`);
    });
  });
});
