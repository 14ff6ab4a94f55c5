/**
 * No text in an event changes the structure of what is sent: the JSON of a body, a header, a URL, HTML. And no template and
 * no foreach throws, whatever is written or comes in. SQUALL_MODEL_RUNS cases (2,000); SQUALL_MODEL_SEED repeats a seed.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import type { Event } from "../../src/core/event/event.ts";
import {
  isArray,
  isObject,
  member,
  parseJson,
  printJson,
  setMember,
  type Json,
  type JsonObject,
  type MutableJsonObject,
} from "../../src/core/json.ts";
import { compileMatcher } from "../../src/core/match/compile.ts";
import { evaluator } from "../../src/core/match/evaluate.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";
import { compileMustache, type TextKind } from "../../src/core/template/mustache/mustache.ts";
import { compileSingleTree } from "../../src/core/tree/compile-tree.ts";
import type { CompiledTree } from "../../src/core/tree/compiled-tree.ts";
import { actionTargets } from "../../src/config/action-targets.ts";
import { webhook } from "../../src/executors/webhook.ts";
import { createTestExecutor, EXAMPLE_KEY, type TestExecutor } from "../kit/describe-executor.ts";
import { httpSink, type HttpSink } from "../kit/http-sink.ts";

const RUNS = Number(process.env["SQUALL_MODEL_RUNS"] ?? 2_000);
const GIVEN_SEED = process.env["SQUALL_MODEL_SEED"];
/** Seeds that once found a mistake, and some. */
const KEPT_SEEDS: readonly number[] = [1, 2, 3];

/** The property with a new seed, or the one given, and with those kept. */
function check<T>(property: fc.IProperty<T>, numRuns = RUNS): void {
  fc.assert(property, { numRuns, ...(GIVEN_SEED === undefined ? {} : { seed: Number(GIVEN_SEED) }) });
  for (const seed of KEPT_SEEDS) fc.assert(property, { numRuns: Math.min(100, numRuns), seed });
}

const HOSTILE = [
  "",
  "a",
  '"',
  "\\",
  '\\"',
  '", "admin": true, "x": "',
  "}",
  "]}",
  "\n",
  "\r\nX-Evil: 1",
  "\u010d\u010aX-Evil: 1",
  "\u2028",
  "\ud83d",
  "\0",
  "😀",
  "${event.type}",
  "${item}",
  "{{event.type}}",
  "{{#event.payload.a}}",
  "<script>",
  "' onload='x",
  "&lt;",
  "../..",
  "?x=1&y=2#z",
  "%0d%0a",
  "null",
  "12",
];
/** Well-formed, as the decoder makes every text. */
const text = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...HOSTILE), { maxLength: 3 }).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  )
  .map((one) => one.toWellFormed());
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom<Json>(null, true, false, 0, -0, 1.5, 1e21, 18446744073709551615n) },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom("a", "b", "__proto__", 'k"', "length"), tie("value"), { maxKeys: 3 }),
    },
  ),
}));
const payload = fc.dictionary(fc.constantFrom("a", "b", "c", "list"), value, {
  maxKeys: 4,
}) as fc.Arbitrary<JsonObject>; // of JSON
const eventOf = (content: JsonObject): Event => ({
  id: "e",
  type: "t",
  created_ms: 1,
  payload: content,
  metadata: {},
  trace_id: null,
});
const scopeOf = (content: JsonObject) => ({ event: eventOf(content) as unknown as JsonObject, item: content }); // an event is JSON

/** The same with harmless texts; empty ones stay, since sections ask for them. */
function harmless(from: Json): Json {
  if (typeof from === "string") return from === "" ? "" : "x";
  if (isArray(from)) return from.map(harmless);
  if (!isObject(from)) return from;
  const object: MutableJsonObject = {};
  for (const key of Object.keys(from)) setMember(object, key, harmless(member(from, key)!));
  return object;
}

function mustache(source: string, kind: TextKind) {
  const issues: Issue[] = [];
  const render = compileMustache(source, { kind, roots: ["event", "item"] }, issueSink(issues));
  expect(render === null).toBe(issues.length > 0);
  return render;
}

const names = fc.constantFrom(
  "event.payload.a",
  "event.payload.b",
  "event.payload.list",
  "item.c",
  "event.payload.a.b",
);
const innerNames = fc.oneof(names, fc.constantFrom(".", "a", "b", "constructor", "length", "__proto__"));
const tag = (from: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom("", "&", "{"), from).map(([type, name]) => `{{${type}${name}${type === "{" ? "}" : ""}}}`);
const { parts } = fc.letrec<{ parts: string; part: string }>((tie) => ({
  parts: fc.array(tie("part"), { maxLength: 6 }).map((list) => list.join("")),
  part: fc.oneof(
    { maxDepth: 3 },
    {
      weight: 6,
      arbitrary: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", " ", "1", "\n", '"a":', "\\u00", "<", "true"),
    },
    { weight: 4, arbitrary: tag(innerNames) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("#", "^"), names, tie("parts"))
        .map(([type, name, inside]) => `{{${type}${name}}}${inside}{{/${name}}}`),
    },
  ),
}));
/** JSON around the values, as an author writes it. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: tag(names) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.oneof(tag(names), fc.constantFrom("x ", "\\\\", '\\"', "\\u0041")), { maxLength: 3 })
        .map((list) => `"${list.join("")}"`),
    },
    { weight: 1, arbitrary: fc.constantFrom("1", "null", "{}") },
    { weight: 2, arbitrary: fc.array(tie("json"), { maxLength: 3 }).map((list) => `[${list.join(", ")}]`) },
    {
      weight: 2,
      arbitrary: fc
        .array(tie("json"), { maxLength: 3 })
        .map((list) => `{${list.map((one, at) => `"k${at}": ${one}`).join(",")}}`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(names, tie("json")).map(([name, inside]) => `[{{#${name}}}${inside},{{/${name}}}0]`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(names, tie("json"), tie("json"))
        .map(([name, one, other]) => `{{#${name}}}[${one},0]{{/${name}}}{{^${name}}}${other}{{/${name}}}`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(names, tag(innerNames)).map(([name, inside]) => `"{{#${name}}}${inside}, {{/${name}}}"`),
    },
  ),
}));

/**
 * A raw control character in a string and an escape that is none are the author's mistakes; that no event adds such a
 * character is asked of all of the text, and that none adds such an escape where the author's text is JSON.
 */
const STRING = /"(?:[^"\\]|\\[^])*"/g;
const skeleton = (rendered: string) => ({
  outside: rendered.replace(STRING, "S"),
  controls: rendered.replace(/[^\u0000-\u001f]/g, ""),
});

describe("mustache", () => {
  test("never throws, whatever the template", () => {
    const anything = fc.oneof(
      parts,
      fc
        .array(fc.oneof(fc.constantFrom("{{", "}}", "{", "#a", "/a", "=", ">", "!", "^", "|"), parts), { maxLength: 8 })
        .map((list) => list.join("")),
    );
    check(
      fc.property(anything, payload, fc.constantFrom<TextKind>("plain", "json", "html"), (source, content, kind) => {
        expect(typeof (mustache(source, kind)?.(scopeOf(content)) ?? "")).toBe("string");
      }),
    );
  });

  test("rule-language.md: no text of an event leaves its place in JSON", () => {
    const seen = { accepted: 0, valid: 0 };
    const keepsPlaces = (source: string, content: JsonObject): void => {
      const render = mustache(source, "json");
      if (render === null) return;
      seen.accepted++;
      const [plain, hostile] = [harmless(content) as JsonObject, content].map((one) => render(scopeOf(one)));
      expect(skeleton(hostile!)).toEqual(skeleton(plain!));
      if (!parseJson(plain!).ok) return;
      seen.valid++;
      expect(parseJson(hostile!)).toMatchObject({ ok: true });
    };
    keepsPlaces('"\n{{item.c}}"', { c: "\0" });
    keepsPlaces('"{{event.payload.a}}\\u00"a":', { a: { a: "\ud800" } });
    check(fc.property(fc.oneof(parts, json), payload, keepsPlaces));
    expect(seen.accepted).toBeGreaterThan(RUNS / 3);
    expect(seen.valid).toBeGreaterThan(RUNS / 4);
  });

  test("rule-language.md: a value comes out of JSON as it went in", () => {
    check(
      fc.property(text, value, (one, other) => {
        const render = mustache('{"s": "<{{event.payload.a}}>", "v": {{event.payload.b}}}', "json")!;
        const wellFormed = parseJson(printJson({ s: `<${one}>`, v: other }));
        expect(parseJson(render(scopeOf({ a: one, b: other })))).toEqual(wellFormed);
      }),
    );
  });

  test("rule-language.md: no text of an event becomes markup", () => {
    const escaped = fc.constantFrom(
      "{{event.payload.a}}",
      "{{event.payload.list}}",
      "{{#event.payload.list}}{{.}}{{/event.payload.list}}",
    );
    const html = fc.array(fc.oneof(escaped, fc.constantFrom("<p a='", "' b=\"", '">', "</p>", "x")), { maxLength: 6 });
    const markup = (rendered: string): string => rendered.replace(/[^<>"'`=]/g, "");
    check(
      fc.property(html, text, fc.array(text, { maxLength: 3 }), (pieces, a, list) => {
        const render = mustache(pieces.join(""), "html")!;
        const rendered = [{ a, list }, harmless({ a, list }) as JsonObject].map((one) => markup(render(scopeOf(one))));
        expect(rendered[0]).toBe(rendered[1]);
      }),
    );
  });
});

function load(actions: readonly Json[], catalog: Parameters<typeof actionTargets>[0] | null): CompiledTree | null {
  const issues: Issue[] = [];
  const document = { type: "ruleset", name: "rs", rules: [{ name: "r", actions }] };
  const tree = compileSingleTree(
    { file: "t", stem: "t", value: document, issues: issueSink(issues) },
    { actions: catalog && actionTargets(catalog), regex: DEFAULT_REGEX_LIMITS },
  );
  return issues.some(({ severity }) => severity === "error") ? null : tree;
}

describe("foreach", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "${item}",
      "${item.a}",
      "${item[0]}",
      "${event.payload.a}",
      "${event.payload.list}",
      "${event.payload.a ?? item}",
    ),
    fc.constantFrom("${", "}", "${item", "${}", "x", "${item.a | lower}", "${item ?? 'x'}"),
  );
  const template = fc.oneof(
    piece,
    fc.array(piece, { maxLength: 3 }).map((list) => list.join("")),
  );
  const { anything } = fc.letrec<{ anything: Json }>((tie) => ({
    anything: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: template },
      { weight: 1, arbitrary: fc.constantFrom<Json>(null, 1, true, { mustache: "{{item}}" }, { secret: "key" }) },
      { weight: 1, arbitrary: fc.array(tie("anything"), { maxLength: 2 }) },
      {
        weight: 1,
        arbitrary: fc.dictionary(fc.constantFrom("a", "mustache", "__proto__"), tie("anything"), { maxKeys: 2 }),
      },
    ),
  }));
  const send = fc.record({
    id: fc.constant("logger"),
    payload: fc.dictionary(fc.constantFrom("a", "b"), anything, { maxKeys: 2 }),
  });
  const targets = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("${event.payload.list}", "${item}", "${event.payload.a}") },
    { weight: 1, arbitrary: anything },
  );
  const foreachOf = (inner: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
    fc.record({
      id: fc.constant("foreach"),
      payload: fc.record({ target: targets, actions: fc.array(inner, { minLength: 1, maxLength: 2 }) }),
    });
  const actionLists = fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.oneof(send, foreachOf(send), foreachOf(foreachOf(send))), { maxLength: 2 }) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.oneof(
          foreachOf(anything),
          anything,
          anything.map((payload) => ({ id: "foreach", payload })),
        ),
        {
          maxLength: 3,
        },
      ),
    },
  );

  test("never throws, and the matcher does what the evaluator does", () => {
    const seen = { accepted: 0, expanded: 0 };
    check(
      fc.property(actionLists, payload, fc.array(value, { maxLength: 3 }), (actions, more, list) => {
        const content = { a: "x", ...more, list };
        const tree = load(actions, null);
        if (tree === null) return;
        seen.accepted++;
        const matches = evaluator(tree).match(eventOf(content));
        expect(compileMatcher(tree).match(eventOf(content))).toEqual(matches);
        if (matches.some((match) => match.actions.some((one) => one.foreach.length > 0))) seen.expanded++;
      }),
    );
    expect(seen.accepted).toBeGreaterThan(RUNS / 10);
    expect(seen.expanded).toBeGreaterThan(RUNS / 50);
  });
});

describe("the request of a webhook", () => {
  let sink: HttpSink;
  let target: TestExecutor;
  let tree: CompiledTree;
  beforeAll(async () => {
    sink = await httpSink();
    target = createTestExecutor(webhook, {});
    const action = {
      id: "hook",
      payload: {
        url: `${sink.url}/a/\${event.payload.a}/b?p=\${event.payload.b}&q=1`,
        headers: { "X-Text": "<${event.payload.c}>" },
        query: { r: "${event.payload.d}" },
        body: { text: "<${event.payload.a}>", list: ["${event.payload.b}", 1], end: true },
      },
    };
    tree = load([action], [{ id: "hook", type: webhook, entry: {} }])!;
  });
  afterAll(async () => {
    await target.executor.close?.();
    await sink.close();
  });

  test("rule-language.md: no text of an event adds a segment, a parameter, a header or a member", async () => {
    const seen = { sent: 0, refused: 0 };
    const property = fc.asyncProperty(text, text, text, text, async (a, b, c, d) => {
      const [match] = evaluator(tree).match(eventOf({ a, b, c, d }));
      const before = sink.requests.length;
      const outcome = await target.run(match!.actions[0]!.payload);
      if (outcome.kind !== "delivered") {
        // Only a header can hold what no request may: nothing is sent then.
        expect([outcome.kind, sink.requests.length]).toEqual(["reject", before]);
        expect(c).toMatch(/[^\t\u0020-\u007e\u0080-\u00ff]/);
        seen.refused++;
        return;
      }
      seen.sent++;
      expect(sink.requests.length).toBe(before + 1);
      const { path, headers, body } = sink.requests.at(-1)!;
      const { pathname, searchParams } = new URL(path, "http://h");
      expect(pathname.split("/")).toHaveLength(4);
      expect(path.startsWith("/a/")).toBe(true);
      expect([...searchParams.keys()]).toEqual(["p", "q", "r"]);
      expect([searchParams.get("p"), searchParams.get("r")]).toEqual([b, d]);
      expect(Object.keys(headers).toSorted()).toEqual(HEADERS);
      expect(headers["idempotency-key"]).toBe(EXAMPLE_KEY);
      expect(headers["x-text"]).toBe(`<${c}>`);
      expect(JSON.parse(body)).toEqual({ text: `<${a}>`, list: [b, 1], end: true });
    });
    for (const seed of [...KEPT_SEEDS, undefined])
      await fc.assert(property, { numRuns: Math.ceil(RUNS / 20), ...(seed === undefined ? {} : { seed }) });
    expect(Math.min(seen.sent, seen.refused)).toBeGreaterThan(10);
  });
});

const HEADERS = ["connection", "content-length", "content-type", "host", "idempotency-key", "x-text"];
