import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import { compileMapping } from "./compile-mapping.ts";

const payload: JsonObject = {
  host: { name: "web-1", "os.family": "linux" },
  items: [{ n: 1 }, { n: 2 }],
  id: 1795253147576767292n,
  ["__proto__"]: 1,
};
const context = { document: { raw: true }, headers: { "x-github-event": "push" }, query: {}, method: "POST" };

function mapped(config: Json) {
  const issues: Issue[] = [];
  const mapping = compileMapping(config, issueSink(issues));
  if (!mapping) return { issues };
  return mapping.apply({ type: "from-normalizer", created_ms: 5, payload, metadata: { kept: 1 } }, () => context);
}
const value = (expression: Json) => {
  const result = mapped({ payload: { v: expression } });
  if (!("ok" in result) || !result.ok) throw new Error(JSON.stringify(result));
  return result.value.payload["v"];
};

describe("expressions", () => {
  test.each<[string, Json]>([
    ["${@}", payload],
    ["${host.name}", "web-1"],
    ['${host."os.family"}', "linux"],
    ["${items[1].n}", 2],
    ["${items[-1].n}", 2],
    ["${items[*].n}", [1, 2]],
    ["${items[?n==`2`].n | [0]}", 2],
    ["${length(items)}", 2],
    ["${id}", 1795253147576767292n],
    ["${nothing.here}", null],
    ["${$.host.name}", "web-1"],
    ["${$.items[1].n}", 2],
    ["${$.items[*].n}", [1, 2]],
    ["${$..n}", [1, 2]],
    ["${$.nothing}", null],
    ["${^document.raw}", true],
    ["${^headers.x-github-event}", "push"],
    ["${^method}", "POST"],
    ["${^query.absent}", null],
    ["literal ${host.name}", "literal ${host.name}"],
    ["$1", "$1"],
  ])("%s", (expression, expected) => expect(value(expression)).toEqual(expected));

  test("arrays and objects are walked, other values kept", () =>
    expect(value([1, { a: "${host.name}" }, null])).toEqual([1, { a: "web-1" }, null]));
});

test("a key given replaces, metadata is merged, the rest stays", () =>
  expect(mapped({ event_type: "${host.name}", metadata: { tenant_id: "acme" } })).toEqual({
    ok: true,
    value: { type: "web-1", created_ms: 5, payload, metadata: { kept: 1, tenant_id: "acme" } },
  }));

test.each<[Json, string]>([
  [{ event_type: "${items}" }, "event_type gives an array; a string is expected"],
  [{ event_type: "${nothing}" }, "event_type gives null; a string is expected"],
  [{ payload: "${host.name}" }, "payload gives the string web-1; an object is expected"],
])("%j refuses the event", (config, error) => expect(mapped(config)).toEqual({ ok: false, error }));

test("a JMESPath function on the wrong type refuses the event", () =>
  expect(mapped({ payload: { n: "${abs(host)}" } })).toMatchObject({ ok: false }));

test.each<[Json, Partial<Issue>]>([
  [{ event_typ: "x" }, { code: "unknown-key", path: ["event_typ"], suggestion: "event_type" }],
  [{ payload: { a: "${a[}" } }, { code: "bad-mapping", path: ["payload", "a"] }],
  [
    { payload: { a: "${$.a[?(@.b>1)]}" } },
    {
      message:
        '"$.a[?(@.b>1)]" is not valid JSONPath: filter, script and type expressions are not available in JSONPath',
    },
  ],
  [{ payload: { a: "${$.a[}" } }, { code: "bad-mapping" }],
  [{ payload: { a: "${^header.x}" } }, { message: '"^header" is not known', suggestion: "^headers" }],
  [{ payload: 5 }, { message: "payload must be an object" }],
  ["x", { message: "collector_config must be an object" }],
])("%j is refused at load", (config, issue) => {
  const result = mapped(config);
  expect("issues" in result ? result.issues : []).toEqual([expect.objectContaining(issue)]);
});
