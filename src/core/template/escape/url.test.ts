import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../diagnostic.ts";
import { compileTemplate } from "../template.ts";
import { url } from "./url.ts";

function compile(source: string, allowDynamicCode = false) {
  const issues: Issue[] = [];
  const sink = issueSink(issues);
  const template = compileTemplate(source, ["event"], sink)!;
  return { put: url.compile(template.parts, { allowDynamicCode, issues: sink }), issues };
}

describe("rule-language.md, Accessors and templates: escaping in addresses", () => {
  describe("urls", () => {
    test.each([
      ["https://h/api/${event.a}/x", ["b c/d"], "https://h/api/b%20c%2Fd/x"],
      ["https://h/api?q=${event.a}&r=1", ["1&r=2#x"], "https://h/api?q=1%26r%3D2%23x&r=1"],
      ["https://h/api?${event.a}=1", ["a=b"], "https://h/api?a%3Db=1"],
      ["https://h/#${event.a}", ["a b"], "https://h/#a%20b"],
      ["https://h:8080/${event.a}", ["é"], "https://h:8080/%C3%A9"],
      ["https://h/api/${event.a}/x", [".."], "https://h/api/%252E%252E/x"],
      ["https://h/api/${event.a}", ["."], "https://h/api/%252E"],
      ["https://h/api/.${event.a}/x", ["."], "https://h/api/%252E%252E/x"],
      ["https://h/api/%2e${event.a}/x", ["."], "https://h/api/%252E%252E/x"],
      ["https://h/api/${event.a}${event.b}/x", [".", "."], "https://h/api/%252E%252E/x"],
      ["https://h/api/${event.a}?x=..", ["..", ""], "https://h/api/%252E%252E?x=.."],
      ["https://h/api?x=${event.a}", [".."], "https://h/api?x=.."],
      ["https://h?x=${event.a}", ["..", ""], "https://h?x=.."],
      ["https://h/api/${event.a}", ["..."], "https://h/api/..."],
      ["https://h/../${event.a}", ["x"], "https://h/../x"],
      ["https://h/api\\${event.a}\\x", [".."], "https://h/api\\%252E%252E\\x"],
      ["https://h/api/${event.a}/x", ["..\\.."], "https://h/api/..%5C../x"],
    ])("%s with %j", (source, texts, expected) => {
      const { put, issues } = compile(source);
      expect(issues).toEqual([]);
      expect(put!(texts)).toBe(expected);
    });

    test.each([
      "${event.a}",
      "${event.a}/x",
      "https://${event.a}/x",
      "https://h.${event.a}/x",
      "https://h:${event.a}/x",
      "https://user:${event.a}@h/x",
      "https:///${event.a}",
      "https:/h/${event.a}",
      "${event.a}://h/x",
      "https://\t/${event.a}",
      "/relative/${event.a}",
    ])("%s is refused", (source) => {
      const { put, issues } = compile(source);
      expect(put).toBeNull();
      expect(issues).toMatchObject([{ severity: "error", code: "dynamic-code" }]);
    });

    test("allow_dynamic_code takes a whole URL as it is", () => {
      expect(compile("${event.a}", true).put!(["https://x/../y?z"])).toBe("https://x/../y?z");
    });

    test("allow_dynamic_code still encodes where the origin is written out", () => {
      expect(compile("https://h/${event.a}", true).put!(["a/b"])).toBe("https://h/a%2Fb");
    });

    test("a value never leaves its segment or parameter", () => {
      const { put } = compile("https://h/a/${event.a}/b/x${event.b}/c?p=${event.c}&q=1");
      const value = fc.string({ unit: fc.constantFrom(..."./\\%2eE?#&=@: \t\nab😀") });
      fc.assert(
        fc.property(value, value, value, (a, b, c) => {
          const parsed = new URL(put!([a, b, c]));
          expect(parsed.origin).toBe("https://h");
          expect(parsed.pathname.split("/")).toHaveLength(6);
          expect(parsed.pathname.split("/")[1]).toBe("a");
          expect([...parsed.searchParams.keys()]).toEqual(["p", "q"]);
          expect(parsed.searchParams.get("p")).toBe(c);
        }),
      );
    });
  });
});
