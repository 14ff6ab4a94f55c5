/** Trees and events for matcher.test.ts, made of few names and values so that they meet. */
import * as fc from "fast-check";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { operatorTypes } from "../../src/core/operator/list.ts";

/** `small`: every construct of the language; `crowded`: many rules alike, enough for whatever is built for many. */
export type Shape = "small" | "crowded";

const KEYS = ["a", "b", "c", "d", "__proto__", "constructor", "list"];
const TEXTS = [
  "",
  "a",
  "A",
  "ab",
  "aba",
  "abab",
  "AB",
  "b",
  "1",
  "null",
  "${x",
  "cmd.exe",
  "\\cmd.exe",
  "CMD.EXE",
  "cmd.exe /c whoami",
  "powershell -enc",
  "İ",
  "i̇",
  "ß",
  "ẞ",
  "ſ",
  "s",
  "S",
  "K",
  "k",
  "Σ",
  "ΑΣ",
  "ας",
  "ασ",
  "ΑΣΑ",
  "😀",
  "x😀y",
  "\uFFFD",
  "é",
  "É",
  "İcmd.exe",
  "whoami K",
];
const NUMBERS: readonly Json[] = [
  0,
  -0,
  1,
  2,
  1.5,
  -1,
  9007199254740993n,
  9007199254740992n,
  18446744073709551615n,
  1e20,
  100000000000000000000n,
];

const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Json>(...TEXTS.slice(0, 16)) },
  { weight: 3, arbitrary: fc.constantFrom<Json>(...TEXTS) },
  { weight: 3, arbitrary: fc.constantFrom<Json>(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom<Json>(null, true, false) },
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 3 }) },
  ),
}));

const path = fc.constantFrom(
  "event.payload.a",
  "event.payload.a",
  "event.payload.b",
  "event.payload.b",
  "event.payload.c",
  "event.payload.d",
  "event.payload.a.b",
  "event.payload.list[0]",
  'event.payload."__proto__"',
  "event.payload.constructor",
  "event.type",
  "event.payload.toString",
  "event.iterator.item",
  "event.iterator.item.a",
  "event.iterator.iteration",
);
const template = fc.oneof(
  { weight: 8, arbitrary: path.map((one) => `\${${one}}`) },
  { weight: 1, arbitrary: path.map((one) => `\${${one} ?? 'a'}`) },
  { weight: 1, arbitrary: path.map((one) => `\${${one} | lower}`) },
  { weight: 1, arbitrary: path.map((one) => `x\${${one}}y`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "${_variables.r1.v}",
      "${_variables.r0.v}",
      "${_variables.v}",
      "${_variables.r0.v ?? event.payload.a}",
      "${event}",
      "<${_variables.r2.v}>",
    ),
  },
);
/** Texts of rules that would be templates are left out. */
const literal = fc
  .oneof({ weight: 8, arbitrary: scalar }, { weight: 1, arbitrary: value })
  .filter((one) => typeof one !== "string" || !one.includes("${"));

const names = new Set(operatorTypes.map(({ name }) => name));
const known = (...wanted: string[]): string[] => wanted.filter((name) => names.has(name));
const record = (type: string, first: fc.Arbitrary<Json>, second: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.record({ type: fc.constant(type), first, second });
const withType = (types: readonly string[], make: (type: string) => fc.Arbitrary<Json>): fc.Arbitrary<Json>[] =>
  types.map(make);

const texts = fc.constantFrom(...TEXTS.filter((text) => !text.includes("${")));
const textOrTexts = fc.oneof(
  { weight: 3, arbitrary: texts },
  { weight: 1, arbitrary: fc.array(texts, { maxLength: 3 }) },
);
const patterns = fc.constantFrom(
  "a+",
  "^.$",
  "(a|b)*",
  "",
  "(?i)cmd\\.exe",
  "^ab",
  "ab$",
  "cmd.*whoami",
  "(?i)k",
  "(?i)ss|ß",
  "\\s-enc\\b",
  "[aA]b{2}",
  "x(?:😀|y)",
  "σ|Σ",
  "(?i)σ",
);
const wildcards = fc.constantFrom(
  "*",
  "a*",
  "*b",
  "a*b",
  "*cmd.exe*",
  "?",
  "a?a",
  "*\\\\cmd.exe",
  "*.exe /c *",
  "İ*",
  "*k",
  "",
  "**",
  "ab*ab",
  "*Σ*",
);

const range = fc.constantFrom<readonly [Json, Json]>([0, 1], [1, 2], ["a", "b"], [1.5, 9007199254740993n], ["", "ab"]);
const logic = fc.constantFrom<Json>(
  { "==": [{ var: "event.payload.a" }, 1] },
  { in: ["a", { var: "event.payload.b" }] },
  { ">": [{ var: "event.created_ms" }, 90_000_000] },
  { "!": [{ var: "event.payload.c.b" }] },
  { var: "variables.r0.v" },
);

const test_: fc.Arbitrary<Json> = fc.oneof(
  { weight: 10, arbitrary: record("equals", template, literal) },
  ...withType(
    known("equals", "ne", "equalsIgnoreCase", "contains", "containsIgnoreCase", "ge", "gt", "le", "lt"),
    (type) =>
      fc.record({
        type: fc.constant(type),
        first: fc.oneof({ weight: 9, arbitrary: template }, { weight: 1, arbitrary: literal }),
        second: fc.oneof({ weight: 6, arbitrary: literal }, { weight: 1, arbitrary: template }),
      }),
  ),
  ...withType(known("equalsIgnoreCase", "contains", "containsIgnoreCase"), (type) => record(type, template, texts)),
  ...withType(known("startsWith", "endsWith", "startsWithIgnoreCase", "endsWithIgnoreCase"), (type) =>
    record(type, template, textOrTexts),
  ),
  ...withType(known("containsAny", "containsAll", "containsAnyIgnoreCase", "containsAllIgnoreCase"), (type) =>
    record(type, template, fc.array(texts, { maxLength: 3 })),
  ),
  ...withType(known("in", "notIn", "inIgnoreCase", "notInIgnoreCase"), (type) =>
    record(type, template, fc.array(literal, { maxLength: 4 })),
  ),
  ...withType(known("wildcard", "wildcardIgnoreCase"), (type) =>
    record(
      type,
      template,
      fc.oneof({ weight: 3, arbitrary: wildcards }, { weight: 1, arbitrary: fc.array(wildcards, { maxLength: 2 }) }),
    ),
  ),
  ...withType(known("exists"), (type) => fc.record({ type: fc.constant(type), target: template })),
  ...withType(known("between"), (type) =>
    fc.tuple(template, range).map(([target, [low, high]]) => ({ type, target, low, high })),
  ),
  ...withType(known("cidr"), (type) => record(type, template, fc.constantFrom("10.0.0.0/8", "::/0"))),
  ...withType(known("time"), (type) =>
    fc.record({
      type: fc.constant(type),
      days: fc.constantFrom(["mon-fri"], ["sat", "sun"]),
      from: fc.constantFrom("00:00", "08:00", "22:00"),
      to: fc.constantFrom("06:00", "18:00"),
    }),
  ),
  ...withType(known("jsonLogic"), (type) => fc.record({ type: fc.constant(type), logic })),
  ...withType(known("anyOf", "allOf"), (type) =>
    fc.record({
      type: fc.constant(type),
      target: template,
      operator: fc.record({
        type: fc.constantFrom("equals", "contains", "startsWith"),
        first: fc.constant("${element}"),
        second: texts,
      }),
    }),
  ),
  fc.record({ type: fc.constant("regex"), regex: patterns, target: template }),
);
const { operator } = fc.letrec<{ operator: Json }>((tie) => ({
  operator: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: test_ },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant("AND"), operators: fc.array(tie("operator"), { maxLength: 4 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("OR"), operators: fc.array(tie("operator"), { maxLength: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("NOT"), operator: tie("operator") }) },
  ),
}));

const extractor = fc.record({
  from: fc.oneof(
    { weight: 1, arbitrary: template },
    { weight: 1, arbitrary: fc.constantFrom("a", "ab", "${event.payload.a ?? 'a'}") },
  ),
  regex: fc.constantFrom<Json>(
    { match: "(a)?(.*)" },
    { match: ".", group_match_idx: 0 },
    { named_match: "(?P<n>.)" },
    { single_key_match: "^a" },
  ),
});
const mustache = fc
  .constantFrom(
    "{{event.payload.a}}",
    "<{{{event.payload.b}}}>{{event.type}}",
    "{{#event.payload.list}}{{a}}|{{.}};{{/event.payload.list}}{{^event.payload.list}}none{{/event.payload.list}}",
    "{{#event.payload.a}}{{b}}{{event.payload.b}}{{constructor}}{{/event.payload.a}}",
    "{{_variables.v}}{{_variables.r0.v}}{{event.iterator.item}}",
  )
  .map((text) => ({ mustache: text }));
const valueOfPayload = fc.oneof(
  { weight: 4, arbitrary: template },
  { weight: 4, arbitrary: literal },
  { weight: 1, arbitrary: mustache },
);
const itemValue = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("${item}", "${item.a}", "${item[0]}", "<${item} ${event.payload.a ?? 'a'}>"),
  },
  { weight: 1, arbitrary: fc.constantFrom("${item.a ?? event.payload.a}", "${item.b | lower}", "${item.a}${item.b}") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("{{item}}", "{{#item}}{{a}}{{.}}{{/item}}").map((text) => ({ mustache: text })),
  },
  { weight: 1, arbitrary: valueOfPayload },
);
const itemCondition = fc.constantFrom<Json>(
  { type: "exists", target: "${item.a}" },
  { type: "equals", first: "${item}", second: "a" },
  { type: "NOT", operator: { type: "exists", target: "${item[0]}" } },
);
const payloadOf = (values: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.dictionary(fc.constantFrom("a", "b"), values, { maxKeys: 2 });
const foreachOf = (
  targets: fc.Arbitrary<Json>,
  inner: fc.Arbitrary<Json>,
  when: fc.Arbitrary<Json>,
): fc.Arbitrary<Json> =>
  fc.record(
    {
      id: fc.constant("foreach"),
      payload: fc.record({ target: targets, actions: fc.array(inner, { maxLength: 2 }) }),
      when,
    },
    { requiredKeys: ["id", "payload"] },
  );
const inner = fc.record(
  {
    id: fc.constantFrom("logger", "sink"),
    payload: payloadOf(itemValue),
    when: itemCondition,
    order_by: fc.constant("${payload.a}"),
  },
  { requiredKeys: ["id", "payload"] },
);
const foreach = foreachOf(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom("${event.payload.list}", "${event.payload.a}", "${event.payload.list ?? event}"),
    },
    { weight: 2, arbitrary: fc.array(fc.oneof(literal, template), { maxLength: 3 }) },
  ),
  fc.oneof(
    { weight: 3, arbitrary: inner },
    { weight: 1, arbitrary: foreachOf(fc.constantFrom("${item}", "${item.list}"), inner, itemCondition) },
  ),
  operator,
);
const send = fc.record(
  {
    id: fc.constantFrom("logger", "sink"),
    payload: payloadOf(valueOfPayload),
    when: operator,
    order_by: fc.constant("${payload.a}"),
  },
  { requiredKeys: ["id", "payload"] },
);
const action = fc.oneof({ weight: 5, arbitrary: send }, { weight: 1, arbitrary: foreach });
const ruleOf = (where: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.record({
    continue: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    active: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    constraint: fc.record({
      WHERE: where,
      WITH: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.record({ v: extractor }) }),
    }),
    actions: fc.array(action, { maxLength: 2 }),
  });
const named = (rules: readonly JsonObject[]): readonly JsonObject[] =>
  rules.map((rule, at) => ({ name: `r${at}`, ...rule }));
const rulesetOf = (rules: fc.Arbitrary<readonly JsonObject[]>): fc.Arbitrary<Json> =>
  rules.map((list) => ({ type: "ruleset", name: "rs", rules: named(list) }));

const always = fc.constant<Json>({});
const ruleset = rulesetOf(
  fc.array(ruleOf(fc.oneof({ weight: 5, arbitrary: operator }, { weight: 1, arbitrary: always })), { maxLength: 9 }),
);
const renamed = (nodes: readonly Json[]): readonly Json[] =>
  nodes.map((node, at) => ({ ...(node as JsonObject), name: `n${at}` })); // nodes are objects
const active = fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const iterator = fc.record({
  type: fc.constant("iterator"),
  active,
  target: path.filter((one) => one !== "event.type").map((one) => `\${${one}}`),
  nodes: fc.array(ruleset, { maxLength: 2 }).map(renamed),
});
const filter = (nodes: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.record({
    type: fc.constant("filter"),
    active,
    filter: fc.oneof({ weight: 2, arbitrary: always }, { weight: 1, arbitrary: operator }),
    nodes: fc.array(nodes, { maxLength: 3 }).map(renamed),
  });
const small = filter(
  fc.oneof(
    { weight: 3, arbitrary: ruleset },
    { weight: 1, arbitrary: iterator },
    { weight: 1, arbitrary: filter(fc.oneof(ruleset, iterator)) },
  ),
).map(
  (node) => ({ ...(node as JsonObject), name: "root" }), // a node is an object
);

/** Hundreds of rules on two fields, so that the parts of the index for many rules are built. */
const needle = fc.oneof(
  { weight: 1, arbitrary: texts },
  { weight: 3, arbitrary: fc.stringMatching(/^[abcAB.\\]{1,9}$/) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "K", "ß", "İ", "σ", "Σ", "😀", "k"), maxLength: 6 }),
  },
);
const field = fc.constantFrom("${event.payload.a}", "${event.payload.a}", "${event.payload.b}");
const crowdedTest = fc.oneof(
  ...withType(
    known(
      "equals",
      "equalsIgnoreCase",
      "contains",
      "containsIgnoreCase",
      "startsWith",
      "endsWith",
      "startsWithIgnoreCase",
      "endsWithIgnoreCase",
    ),
    (type) => record(type, field, needle),
  ),
  ...withType(known("wildcard", "wildcardIgnoreCase"), (type) =>
    record(
      type,
      field,
      fc.tuple(needle, needle).map(([a, b]) => `*${a.replace(/[\\*?]/g, "\\$&")}*${b.replace(/[\\*?]/g, "\\$&")}`),
    ),
  ),
  fc.record({
    type: fc.constant("regex"),
    regex: fc
      .tuple(fc.constantFrom("", "(?i)", "(?s)"), needle)
      .map(([flags, text]) => `${flags}${text.replace(/[.\\]/g, "\\$&")}.*b`),
    target: field,
  }),
);
const keys = fc.array(fc.constantFrom<Json>(1, 2, "a", true, null), { minLength: 1, maxLength: 2 });
const crowdedWhere = fc.oneof(
  { weight: 4, arbitrary: crowdedTest },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("AND", "OR"),
      operators: fc.array(crowdedTest, { minLength: 1, maxLength: 4 }),
    }),
  },
  // Below keys, so that many rules come together in some leaf and few in another.
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("AND"),
      operators: fc.tuple(
        crowdedTest,
        fc.record({ type: fc.constant("in"), first: fc.constant("${event.payload.c}"), second: keys }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("containsAny", "containsAnyIgnoreCase", "containsAllIgnoreCase"),
      first: field,
      second: fc.array(needle, { minLength: 1, maxLength: 24 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("AND"),
      operators: fc.tuple(
        crowdedTest,
        fc.record({ type: fc.constant("NOT"), operator: crowdedTest }),
        fc.record({ type: fc.constant("OR"), operators: fc.array(crowdedTest, { maxLength: 3 }) }),
      ),
    }),
  },
);
const crowded = rulesetOf(
  fc.array(
    ruleOf(crowdedWhere).map((rule) => ({ ...rule, continue: true })),
    { minLength: 80, maxLength: 260, size: "max" },
  ),
);

export const treeOf = (shape: Shape): fc.Arbitrary<Json> => (shape === "small" ? small : crowded);

const smallEvent = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 6 });
const longText = fc.array(fc.oneof(needle, texts), { maxLength: 8 }).map((parts) => parts.join(""));
const crowdedEvent = fc.record(
  {
    a: fc.oneof({ weight: 6, arbitrary: longText }, { weight: 1, arbitrary: value }),
    b: fc.oneof({ weight: 3, arbitrary: longText }, { weight: 1, arbitrary: value }),
    c: fc.constantFrom<Json>(1, 2, "a", true, null),
  },
  { requiredKeys: [] },
);

export const eventOf = (shape: Shape): fc.Arbitrary<JsonObject> =>
  (shape === "small" ? smallEvent : crowdedEvent) as fc.Arbitrary<JsonObject>; // dictionaries of JSON
