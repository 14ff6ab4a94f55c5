import { afterEach, expect, test } from "vitest";
import { configFolder } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import { runCli } from "./run-cli.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

async function run(files: Readonly<Record<string, unknown>>, args: readonly string[] = [], terminal = false) {
  folder = configFolder(files);
  const host = testHost({ cwd: folder.dir, terminal });
  const code = await runCli(["test", ...args], host);
  return { code, ...host.written };
}

const event = { type: "t", payload: { n: "a7" } };
const rule = (...tests: unknown[]) => ({
  constraint: {
    WHERE: { type: "equals", first: "${event.type}", second: "t" },
    WITH: { n: { from: "${event.payload.n}", regex: { match: "\\d+", group_match_idx: 0 } } },
  },
  actions: [{ id: "logger", payload: { text: "n is ${_variables.n}", list: [1, 2] } }],
  tests,
});
const passing = {
  name: "a number",
  event,
  expect: { status: "matched", extracted: { n: "7" }, actions: [{ payload: { text: "n is 7" } }] },
};

test("tests that pass: 0, a line each", async () => {
  const other = {
    name: "another type",
    event: { ...event, type: "u" },
    expect: { status: "not_matched", actions: [] },
  };
  expect(await run({ "rules/a/010_r.yaml": rule(passing, other) })).toEqual({
    code: 0,
    out: "ok   root.a.r: a number\nok   root.a.r: another type\n2 passed, 0 failed\n",
    err: "",
  });
});

test("tests that fail: 1, what was expected and found at each place, and why the rule did not match", async () => {
  const wrong = {
    event: { type: "u", payload: {} },
    expect: { status: "matched", extracted: { n: "8" }, actions: [{ id: "logger" }] },
  };
  const text = {
    name: "text",
    event,
    expect: { extracted: { m: 1 }, actions: [{ payload: { text: "x", list: [1] } }] },
  };
  const { code, out } = await run({ "rules/a/010_r.yaml": rule(wrong, text) });
  expect([code, out.split("\n")]).toEqual([
    1,
    [
      "FAIL root.a.r: test 1",
      '     not_matched: its WHERE is false: equals: first ${event.type} = "u", second "t"',
      "     status",
      '       expected "matched"',
      '       found    "not_matched"',
      "     extracted",
      '       expected {"n":"8"}',
      "       found    nothing",
      "     actions",
      '       expected [{"id":"logger"}]',
      "       found    []",
      "FAIL root.a.r: text",
      "     extracted.m",
      "       expected 1",
      "       found    nothing",
      "     actions[0].payload.text",
      '       expected "x"',
      '       found    "n is 7"',
      "     actions[0].payload.list",
      "       expected [1]",
      "       found    [1,2]",
      "0 passed, 2 failed",
      "",
    ],
  ]);
});

test("the event goes through the tree above the rule", async () => {
  const nodes = [{ name: "rules", type: "ruleset", ruleset: "a" }];
  const filter = { type: "equals", first: "${event.payload.site}", second: "x" };
  const { code, out } = await run({
    "processing-trees/main.yaml": { name: "main", type: "filter", filter, nodes },
    "rules/a/010_r.yaml": rule(passing),
  });
  expect(code).toBe(1);
  expect(out).toContain(
    "not_matched: the filter root.main does not let the event pass: equals: first ${event.payload.site} is missing",
  );
});

test("the event from a file; its mistakes with their place", async () => {
  const fromFile = (file: string) => ({ name: file, event_file: file, expect: { status: "matched" } });
  const { code, out } = await run({
    "tests/good.json": event,
    "tests/bad.yaml": "type: t\npaylod: {}\n",
    "rules/a/010_r.yaml": rule(fromFile("tests/good.json"), fromFile("tests/bad.yaml"), fromFile("tests/none.json")),
  });
  expect(code).toBe(1);
  expect(out).toContain("ok   root.a.r: tests/good.json\n");
  expect(out).toContain('tests/bad.yaml:2:1 error unknown-key: unknown key "paylod"');
  expect(out).toContain('did you mean "payload"?');
  expect(out).toContain("tests/none.json:1:1 error unreadable: cannot be read: there is no such file");
  expect(out).toContain("1 passed, 2 failed\n");
});

test("tests of inactive rules are skipped", async () => {
  expect(await run({ "rules/a/010_r.yaml": { ...rule(passing), active: false } })).toMatchObject({
    code: 0,
    out: "skip root.a.r: a number (the rule is inactive)\n0 passed, 0 failed, 1 skipped\n",
  });
});

test("no tests at all", async () => {
  expect(await run({ "rules/a/010_r.yaml": rule() })).toEqual({ code: 0, out: "no tests\n", err: "" });
});

test.each([
  [["root.a.r"], 1],
  [["root.a"], 2],
  [["root"], 3],
  [["root.b", "root.a.r"], 2],
])("%j chooses the rules below", async (paths, count) => {
  const files = {
    "rules/a/010_r.yaml": rule(passing),
    "rules/a/020_rr.yaml": rule(passing),
    "rules/b/r.yaml": rule(passing),
  };
  expect((await run(files, paths)).out).toMatch(new RegExp(`\n${count} passed, 0 failed\n$`));
});

test("a path that leads to no rule: 3, with the one that was meant", async () => {
  const { code, out, err } = await run({ "rules/a/010_r.yaml": rule(passing) }, ["root.a.q"]);
  expect([code, out]).toEqual([3, ""]);
  expect(err).toMatch(/there is no rule "root\.a\.q"; accepted: .+; did you mean root\.a\.r\?/);
});

test("a test that is misspelt: 3, with its place", async () => {
  const { code, out, err } = await run({
    "rules/a/010_r.yaml": "actions: []\ntests:\n  - event: {type: t, payload: {}}\n    expect: {stats: matched}\n",
  });
  expect([code, out]).toEqual([3, ""]);
  expect(err).toContain('rules/a/010_r.yaml:4:14 error unknown-key: unknown key "stats"');
  expect(err).toContain('did you mean "status"?');
});

test("--json for programs", async () => {
  const failing = { name: "f", event, expect: { status: "not_matched" } };
  const { code, out } = await run({ "rules/a/010_r.yaml": rule(passing, failing) }, ["--json"]);
  expect([code, JSON.parse(out)]).toEqual([
    1,
    {
      passed: 1,
      failed: 1,
      skipped: 0,
      tests: [
        { rule: "root.a.r", name: "a number", result: "passed", status: "matched", differences: [] },
        {
          rule: "root.a.r",
          name: "f",
          result: "failed",
          status: "matched",
          differences: [{ path: "status", expected: "not_matched", found: "matched" }],
        },
      ],
    },
  ]);
});

test("colour on a terminal only; what a terminal acts upon is shown as such", async () => {
  const failing = { name: "\u001b[2J", event, expect: { extracted: { n: "\u009b" } } };
  const files = { "rules/a/010_r.yaml": rule(failing) };
  expect((await run(files, [], true)).out).toContain("\u001b[31;1mFAIL\u001b[0m");
  const { out } = await run(files);
  expect(out).toMatch(/^[^\u001b\u009b]+$/);
});
