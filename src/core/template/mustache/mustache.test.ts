import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../diagnostic.ts";
import { parseJson, setMember, type JsonObject, type MutableJsonObject } from "../../json.ts";
import { OWN_VARIABLES, type Scope } from "../../path.ts";
import { compileMustache, type TextKind } from "./mustache.ts";

const payload: MutableJsonObject = {
  host: "h1",
  quote: 'say "hi"\\\n',
  html: `<b a='1' c="2">&\`=</b>`,
  n: 7,
  big: 18446744073709551615n,
  e21: 1e21,
  zero: 0,
  yes: true,
  no: false,
  nothing: null,
  empty: "",
  none: [],
  list: [1, "two", null, [3]],
  hosts: [{ name: "a", os: { type: "linux" } }, { name: "b" }],
  o: { k: "v", name: "inner" },
  "a.b": { "c d": "quoted" },
  tpl: "{{event.type}} ${event.type}",
};
setMember(payload, "__proto__", "own");
const scope: Scope = {
  event: { id: "e1", type: "trap", created_ms: 1714641362511, payload, metadata: {}, trace_id: null },
  _variables: { other: { v: "shared", only: "there" } },
  [OWN_VARIABLES]: { v: "mine", other: { v: "my other" } },
};

function compile(source: string, kind: TextKind = "plain", roots: readonly string[] = ["event", "_variables"]) {
  const issues: Issue[] = [];
  return { render: compileMustache(source, { kind, roots }, issueSink(issues)), issues };
}

const P = "event.payload";

describe("rule-language.md, Accessors and templates: mustache in plain text", () => {
  test.each([
    ["", ""],
    ["no tag", "no tag"],
    [`{{${P}.host}} of {{event.type}}`, "h1 of trap"],
    [`{{ ${P}.host }}{{! a comment }}!`, "h1!"],
    ["{{event.id}}", "e1"],
    // nothing is escaped, whatever the tag
    [`{{${P}.html}}`, `<b a='1' c="2">&\`=</b>`],
    [`{{{${P}.html}}} {{&${P}.html}}`, `<b a='1' c="2">&\`=</b> <b a='1' c="2">&\`=</b>`],
    // numbers as everywhere, objects as JSON, null and missing as nothing
    [`{{${P}.n}} {{${P}.big}} {{${P}.e21}} {{${P}.yes}}`, "7 18446744073709551615 1000000000000000000000 true"],
    [`{{${P}.list}} {{${P}.o}}`, '[1,"two",null,[3]] {"k":"v","name":"inner"}'],
    [`<{{${P}.nothing}}{{${P}.gone}}{{${P}.gone.on}}{{${P}.n.x}}>`, "<>"],
    // a value is never read as a template
    [`{{${P}.tpl}}`, "{{event.type}} ${event.type}"],
    ["${event.type}", "${event.type}"],
    // sections
    [`{{#${P}.hosts}}{{name}}:{{os.type}};{{/${P}.hosts}}`, "a:linux;b:;"],
    [`{{#${P}.list}}({{.}}){{/${P}.list}}`, "(1)(two)()([3])"],
    [`{{#${P}.hosts}}{{name}}@{{event.type}} {{/${P}.hosts}}`, "a@trap b@trap "],
    [`{{#${P}.o}}{{k}}{{/${P}.o}}`, "v"],
    [`{{#${P}.o}}{{#event.payload.hosts}}{{name}}{{k}} {{/event.payload.hosts}}{{/${P}.o}}`, "av bv "],
    [`{{#${P}.yes}}{{#event.payload.o}}{{name}}{{/event.payload.o}}{{/${P}.yes}}`, "inner"],
    [`{{#${P}.host}}<{{.}}>{{/${P}.host}}{{#${P}.n}}<{{.}}>{{/${P}.n}}`, "<h1><7>"],
    ...["zero", "no", "nothing", "empty", "none", "gone"].map((key) => [
      `{{#${P}.${key}}}there{{/${P}.${key}}}{{^${P}.${key}}}not{{/${P}.${key}}}`,
      "not",
    ]),
    // a tag alone on a line takes its line with it
    [`{{#${P}.hosts}}\n- {{name}}\n{{/${P}.hosts}}\nend`, "- a\n- b\nend"],
    // paths: elements by number, quoted keys
    [`{{${P}.hosts.1.name}} {{${P}.hosts[0].name}}`, "b a"],
    [`{{${P}."a.b"."c d"}}`, "quoted"],
    // variables: the rule's own first
    ["{{_variables.v}} {{_variables.other.v}} {{_variables.other.only}}", "mine my other there"],
    // own members only
    [
      `{{${P}.constructor}}{{${P}.toString}}{{${P}.list.length}}{{${P}.host.length}}{{${P}.list.push}}{{event.hasOwnProperty}}`,
      "",
    ],
    [`{{${P}.__proto__}}{{event.__proto__}}{{${P}.o.__proto__}}`, "own"],
    [`{{#${P}.o}}{{constructor}}{{valueOf}}{{/${P}.o}}{{#${P}.list}}{{length}}{{/${P}.list}}`, ""],
    [`{{#event.constructor}}called{{/event.constructor}}`, ""],
  ])("%s", (source, expected) => {
    const { render, issues } = compile(source!);
    expect(issues).toEqual([]);
    expect(render!(scope)).toBe(expected);
  });

  test("item is a root inside foreach", () => {
    const { render } = compile("{{item.name}} {{#item.tags}}{{.}},{{/item.tags}}", "plain", ["event", "item"]);
    expect(render!({ ...scope, item: { name: "x", tags: [1, 2] } })).toBe("x 1,2,");
    expect(render!({ ...scope, item: 5 })).toBe(" ");
  });

  test("a function that got among the values is not called", () => {
    const trap = () => expect.fail("called");
    const values = { f: trap, o: { f: trap } } as unknown as JsonObject; // no JSON has one
    const { render } = compile("{{event.f}}{{#event.f}}x{{/event.f}}{{#event.o}}{{f}}{{/event.o}}");
    expect(() => render!({ event: values })).not.toThrow();
  });

  test("templates are not kept by the package", async () => {
    const { default: mustache } = await import("mustache");
    const cache = (mustache as unknown as { templateCache: { _cache: object } }).templateCache; // private there
    compile("{{event.type}} once");
    expect(Object.keys(cache._cache)).toEqual([]);
  });
});

describe("rule-language.md, Accessors and templates: mustache in HTML", () => {
  test.each([
    [`<p>{{${P}.html}}</p>`, "<p>&lt;b a&#61;&#39;1&#39; c&#61;&quot;2&quot;&gt;&amp;&#96;&#61;&lt;/b&gt;</p>"],
    [`{{{${P}.html}}}|{{& ${P}.html}}`, `<b a='1' c="2">&\`=</b>|<b a='1' c="2">&\`=</b>`],
    [
      `{{#${P}.list}}{{.}}{{/${P}.list}}{{${P}.o}}`,
      "1two[3]{&quot;k&quot;:&quot;v&quot;,&quot;name&quot;:&quot;inner&quot;}",
    ],
  ])("%s", (source, expected) => {
    expect(compile(source, "html").render!(scope)).toBe(expected);
  });
});

describe("rule-language.md, Accessors and templates: mustache in JSON", () => {
  test.each<[string, unknown]>([
    // inside a string every tag form is escaped for it
    [`{"a": "{{${P}.quote}}"}`, { a: payload["quote"] }],
    [`{"a": "{{{${P}.quote}}} {{&${P}.quote}}"}`, { a: `${String(payload["quote"])} ${String(payload["quote"])}` }],
    [`{"{{${P}.quote}}": 1}`, { [String(payload["quote"])]: 1 }],
    [`["{{${P}.list}}", "{{${P}.gone}}", "{{${P}.html}}"]`, ['[1,"two",null,[3]]', "", payload["html"]]],
    [`"a \\\\{{${P}.host}} \\u0041{{${P}.host}}"`, "a \\h1 Ah1"],
    // outside a value is JSON
    [`{"a": {{${P}.quote}}, "b":{{{${P}.o}}}}`, { a: payload["quote"], b: payload["o"] }],
    [`[{{${P}.n}},{{${P}.big}} , {{${P}.gone}},{{${P}.nothing}}]`, [7, 18446744073709551615n, null, null]],
    [`{{event.payload.list}}`, payload["list"]],
    // sections
    [`{"a": [{{#${P}.hosts}}"{{name}}",{{/${P}.hosts}} ""]}`, { a: ["a", "b", ""] }],
    [`{"a": "{{#${P}.hosts}}{{name}} {{/${P}.hosts}}"}`, { a: "a b " }],
    [`{"a": {{#${P}.yes}}true{{/${P}.yes}}{{^${P}.yes}}{{${P}.n}}{{/${P}.yes}}}`, { a: true }],
    [`{"a": {{#${P}.gone}}1{{/${P}.gone}}{{^${P}.gone}}{{${P}.n}}{{/${P}.gone}}, "b": 2}`, { a: 7, b: 2 }],
    [`{"a": 1{{#${P}.n}}, "b": {{.}}{{/${P}.n}}}`, { a: 1, b: 7 }],
    [`{\n{{#${P}.yes}}\n"a": {{${P}.n}},\n{{/${P}.yes}}\n"b": 1}`, { a: 7, b: 1 }],
  ])("%s", (source, expected) => {
    const { render, issues } = compile(source, "json");
    expect(issues).toEqual([]);
    expect(parseJson(render!(scope))).toEqual({ ok: true, value: expected });
  });

  const PLACE = '{{name}} for a whole JSON value, "…{{name}}…" for text in a string';
  const AT = (column: number, line = 1) => `line ${line}, column ${column} of the template`;
  test.each([
    [`{"a": "{{#${P}.n}}x", "b": "{{/${P}.n}}"}`, null],
    [
      `{"a": {{#${P}.n}}"{{/${P}.n}}x"}`,
      `a section begins outside a string of the JSON text and ends inside one, at ${AT(7)}`,
    ],
    [
      `{"a": "{{#${P}.n}}"{{/${P}.n}}}`,
      `a section begins inside a string of the JSON text and ends outside one, at ${AT(8)}`,
    ],
    [
      `{"a": "{{#${P}.n}}x\\{{/${P}.n}}"}`,
      `a section begins inside a string of the JSON text and ends outside one, at ${AT(8)}`,
    ],
    [`{"a":\n "\\{{${P}.n}}"}`, `a tag stands right behind a backslash of a JSON string at ${AT(4, 2)}`],
    [`{"a": "\\\\\\{{${P}.n}}"}`, `a tag stands right behind a backslash of a JSON string at ${AT(11)}`],
    [`{"a": "\\u00{{${P}.n}}"}`, `a tag stands right behind a backslash of a JSON string at ${AT(12)}`],
    [`{"a": "\\{{#${P}.n}}n{{/${P}.n}}"}`, `a tag stands right behind a backslash of a JSON string at ${AT(9)}`],
    [`{"a": 1{{${P}.n}}}`, `the text is JSON, where no value can stand at ${AT(8)}`],
    [`{"a": {{${P}.n}}5}`, `text touches the value at ${AT(7)}`],
    [`{"a": {{${P}.n}}{{${P}.n}}}`, `the text is JSON, where no value can stand at ${AT(26)}`],
    [`{"a": {{${P}.n}}"x"}`, `text touches the value at ${AT(7)}`],
    [`{"a": "x"{{${P}.n}}}`, `the text is JSON, where no value can stand at ${AT(10)}`],
    [`[1{{#${P}.n}}0{{/${P}.n}}{{${P}.n}}]`, `the text is JSON, where no value can stand at ${AT(44)}`],
    [`Host {{${P}.host}} is down`, `the text is JSON, where no value can stand at ${AT(6)}`],
    [`{"a": "{{${P}.n}}`, `a string of the JSON text does not end at ${AT(27)}`],
  ])("%s is refused", (source, expected) => {
    const { render, issues } = compile(source, "json");
    if (expected === null) return expect(issues).toEqual([]);
    expect(render).toBeNull();
    expect(issues.map(({ code, message }) => [code, message])).toEqual([["bad-mustache", expected]]);
    if (/value (can|at)/.test(expected)) expect(issues[0]!.accepted).toContain(PLACE);
  });
});

describe("rule-language.md, Accessors and templates: mistakes in mustache", () => {
  test.each([
    ["{{#event.a}}x", "the section event.a at line 1, column 1 of the template is not closed"],
    [
      "a\n {{^event.a}}{{#event.b}}{{/event.b}}",
      "the section event.a at line 2, column 2 of the template is not closed",
    ],
    ["x{{/event.a}}", "{{/event.a}} closes no section at line 1, column 2 of the template"],
    [
      "{{#event.a}}{{/event.b}}",
      "{{/event.b}} at line 1, column 13 of the template closes the section event.a of line 1, column 1 of the template",
    ],
    ["a {{event.type", "a tag does not end at line 1, column 3 of the template"],
    ["{{event.type}} {{event.a\n{{event.b", "a tag does not end at line 1, column 16 of the template"],
    ["{{{event.type}}", "a tag does not end at line 1, column 1 of the template"],
    ["{{>partial}}", "partials are not supported at line 1, column 1 of the template"],
    ["a {{=<% %>=}}<%event.type%>", "delimiters cannot be changed at line 1, column 3 of the template"],
    ["{{=x=}}", "delimiters cannot be changed at line 1, column 1 of the template"],
    ["{{host}}", 'unknown root "host" at line 1, column 1 of the template'],
    ["{{evnt.type}}", 'unknown root "evnt" at line 1, column 1 of the template'],
    ["{{item.x}}", 'unknown root "item" at line 1, column 1 of the template'],
    ["{{.}}", "{{.}} stands in no section at line 1, column 1 of the template"],
    ["{{}}", 'the path "" has no key at line 1, column 1 of the template'],
    [
      "{{event.type | upper}}",
      "filters and ?? belong to ${…}, found {{event.type | upper}} at line 1, column 1 of the template",
    ],
    ["{{event[x]}}", '"x" between brackets is no index; accepted: a number from 0 at line 1, column 1 of the template'],
    [
      "{{#event}}".repeat(51) + "{{/event}}".repeat(51),
      "sections are nested deeper than 50 levels at line 1, column 501 of the template",
    ],
  ])("%s", (source, message) => {
    const { render, issues } = compile(source);
    expect(render).toBeNull();
    expect(issues.map((issue) => [issue.code, issue.message])).toEqual([["bad-mustache", message]]);
  });

  test("an unknown root has a suggestion; every mistake is told", () => {
    const { issues } = compile("{{evnt.type}}\n{{> a}}");
    expect(issues).toMatchObject([{ accepted: "event, _variables", suggestion: "event" }, { message: /partials/ }]);
  });
});
