import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../diagnostic.ts";
import { compileTemplate } from "../template.ts";
import { icingaFilter } from "./icinga-filter.ts";

function compile(source: string, allowDynamicCode = false) {
  const issues: Issue[] = [];
  const sink = issueSink(issues);
  const template = compileTemplate(source, ["event"], sink)!;
  return { put: icingaFilter.compile(template.parts, { allowDynamicCode, issues: sink }), issues };
}

/** What Icinga's lexer makes of the inside of a double-quoted string; undefined: it refuses. */
function readString(text: string): string | undefined {
  let value = "";
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const octal = /^\\([0-7]{1,3})/.exec(rest);
    const short = /^\\([ntrbf\\"])/.exec(rest);
    if (rest[0] === '"' || rest[0] === "\n") return undefined;
    if (octal) {
      const code = Number.parseInt(octal[1]!, 8);
      if (code > 255) return undefined;
      value += String.fromCharCode(code);
      at += octal[0].length;
    } else if (short) {
      value += { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "\\": "\\", '"': '"' }[short[1]!]!;
      at += 2;
    } else if (rest[0] === "\\") {
      return undefined;
    } else {
      value += rest[0];
      at++;
    }
  }
  return value;
}

describe("rule-language.md, Accessors and templates: escaping in code", () => {
  describe("icinga filters", () => {
    test.each([
      ['host.name == "${event.h}"', ["web01"], 'host.name == "web01"'],
      ['host.name == "${event.h}"', ['x" || true || "'], 'host.name == "x\\" || true || \\""'],
      ['host.name == "${event.h}"', ["a\\"], 'host.name == "a\\\\"'],
      [
        'host.name == "${event.h}"',
        ["a\nb\tc\rd\be\ff\u0000g\u001fh\u007f"],
        'host.name == "a\\nb\\tc\\rd\\be\\ff\\000g\\037h\\177"',
      ],
      ['"${event.a}" == "${event.b}"', ["1", "2"], '"1" == "2"'],
      [
        'match("*${event.h}*", host.name) /* c */ && "é${event.h}"',
        ["x", '"'],
        'match("*x*", host.name) /* c */ && "é\\""',
      ],
      ['"a\\"${event.h}"', ['"'], '"a\\"\\""'],
      ['"a\\\\${event.h}"', ["n"], '"a\\\\n"'],
      ['{{{a "}}} + "${event.h}"', ['"'], '{{{a "}}} + "\\""'],
      ['// "\n"${event.h}"', ['"'], '// "\n"\\""'],
      ['# "\n"${event.h}"', ['"'], '# "\n"\\""'],
      ['"\\101${event.h}"', ["7"], '"\\1017"'],
      ['"// ${event.h}"', ['"'], '"// \\""'],
    ])("%s with %j", (source, texts, expected) => {
      const { put, issues } = compile(source);
      expect(issues).toEqual([]);
      expect(put!(texts)).toBe(expected);
    });

    test.each([
      ["${event.h}", "${event.h} stands outside a string"],
      ["host.vars.x == ${event.h}", "${event.h} stands outside a string"],
      ['"a" + ${event.h}', "${event.h} stands outside a string"],
      ["{{{${event.h}}}}", "${event.h} stands inside {{{ }}}"],
      ["a /* ${event.h} */", "${event.h} stands in a comment"],
      ["a // ${event.h}", "${event.h} stands in a comment"],
      ["a # ${event.h}", "${event.h} stands in a comment"],
      ['"\\${event.h}"', "${event.h} stands right behind a backslash"],
      ['"\\1${event.h}"', "${event.h} stands right behind an octal escape"],
      ["'${event.h}'", "${event.h} stands outside a string"],
      ['"${event.h}', "a string of this Icinga filter does not end"],
      ['"a\n${event.h}"', "${event.h} stands outside a string"],
    ])("%s is refused", (source, message) => {
      const { put, issues } = compile(source);
      expect(put).toBeNull();
      expect(issues).toHaveLength(1);
      expect(issues[0]).toMatchObject({ severity: "error", code: "dynamic-code" });
      expect(issues[0]!.message).toContain(message);
    });

    test("allow_dynamic_code inserts outside strings, and still escapes inside", () => {
      const { put, issues } = compile('${event.a} && host.name == "${event.b}"', true);
      expect(issues).toEqual([]);
      expect(put!(["service.state != 0", 'x"'])).toBe('service.state != 0 && host.name == "x\\""');
    });

    test("allow_dynamic_code does not make half an escape", () => {
      expect(compile('"\\${event.a}"', true).put).toBeNull();
    });

    test("Icinga reads back exactly the value, whatever it is", () => {
      const { put } = compile('"${event.a}"');
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
          expect(readString(put!([value]).slice(1, -1))).toBe(value);
        }),
      );
    });
  });
});
