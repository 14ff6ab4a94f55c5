import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configFolder } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import { collectorTypes } from "../collectors/all.ts";
import { executorTypes } from "../executors/all.ts";
import { presets } from "../executors/presets/list.ts";
import { runCli } from "./run-cli.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

const made = (files: Readonly<Record<string, unknown>> = {}): string => {
  folder = configFolder({ "rules/a/README.md": "so that it is a configuration\n", ...files });
  return folder.dir;
};
const read = (dir: string, file: string): string => readFileSync(join(dir, file), "utf8");

async function run(cwd: string, ...args: readonly string[]) {
  const host = testHost({ cwd });
  const code = await runCli(args, host);
  return { code, ...host.written };
}

const strictly = (cwd: string) => run(cwd, "check", "--strict");

/** The actions that were printed, as a rule. */
const rulesOf = (out: string): readonly unknown[] =>
  out
    .split(/^(?=actions:)/m)
    .slice(1)
    .map((text) => parse(text.replace(/\n\n[^]*$/, "\n")) as unknown);

describe("rule", () => {
  const rows: [string[], Record<string, unknown>][] = [
    [[], { type: "example", payload: {} }],
    [["--match", "eventlog"], { type: "eventlog", payload: {} }],
    [
      ["--match", "eventlog", "--match", "payload.doc.winlog.event_id=7036"],
      { type: "eventlog", payload: { doc: { winlog: { event_id: 7036 } } } },
    ],
    [["--match", "host=web-1"], { type: "example", payload: { host: "web-1" } }],
    [
      ["--match", 'payload.n="5"', "--match", "metadata.ok=true"],
      { type: "example", payload: { n: "5" }, metadata: { ok: true } },
    ],
    [["--match", 'payload."a.b"=${x} = "y"'], { type: "example", payload: { "a.b": '${x} = "y"' } }],
    [["--match", "payload.none=null"], { type: "example", payload: { none: null } }],
    [["--match", "type=5"], { type: "5", payload: {} }],
    [["--match", "other=other"], { type: "example", payload: { other: "other" } }],
    [["--match", "payload.id=18446744073709551616"], { type: "example", payload: { id: 18446744073709551616n } }],
  ];
  test.each(rows)("%j passes check and its own tests", async (args, event) => {
    const dir = made();
    expect(await run(dir, "new", "rule", "windows", "stopped", ...args)).toEqual({
      code: 0,
      out: "written: rules/windows/010_stopped.yaml\n",
      err: "",
    });
    expect(await strictly(dir)).toMatchObject({ code: 0 });
    expect(await run(dir, "test")).toMatchObject({ code: 0, out: expect.stringContaining("2 passed, 0 failed") });
    const { tests } = parse(read(dir, "rules/windows/010_stopped.yaml"), { intAsBigInt: true }) as {
      tests: { event: unknown }[];
    };
    // A number of the row and the integer that was read are the same text.
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, part: unknown) =>
        ["number", "bigint"].includes(typeof part) ? `n${String(part)}` : part,
      );
    expect(text(tests[0]!.event)).toBe(text(event));
  });

  const numbers: [string[], string][] = [
    [["010_a", "020_b"], "030_new"],
    [["015_a"], "020_new"],
    [["990_a"], "1000_new"],
    [["0000000010_a"], "0000000020_new"],
    [["plain"], "010_new"],
  ];
  test.each(numbers)("after %j comes %s", async (there, next) => {
    const dir = made(Object.fromEntries(there.map((stem) => [`rules/r/${stem}.yaml`, { actions: [] }])));
    expect(await run(dir, "new", "rule", "r", "new")).toMatchObject({
      code: 0,
      out: `written: rules/r/${next}.yaml\n`,
    });
  });

  const refusals: [string[], number, string][] = [
    [["a", "taken"], 3, 'squall: the rule "taken" is in rules/a/010_x.yaml already; nothing was written\n'],
    [["a", "b c"], 2, 'squall: "b c" is no name of a rule; accepted: letters a-z A-Z, digits and _\n'],
    [["../a", "b"], 2, 'squall: "../a" is no name of a ruleset; accepted: letters a-z A-Z, digits and _\n'],
    [
      ["a", "b", "--match", "x[0]=1"],
      2,
      'squall: --match "x[0]=1": the field goes through an array; accepted: type, field=value with a field such as payload.host\n',
    ],
    [
      ["a", "b", "--match", "payload=1"],
      2,
      'squall: --match "payload=1": the field is no value of an event; accepted: type, field=value with a field such as payload.host\n',
    ],
    [
      ["a", "b", "--match", "x=1", "--match", "x.y=2"],
      2,
      "squall: --match names payload.x.y beside payload.x; accepted: each field once\n",
    ],
  ];
  test.each(refusals)("%j is refused with %d", async (args, code, err) => {
    const dir = made({ "rules/a/010_x.yaml": { name: "taken", actions: [] } });
    expect(await run(dir, "new", "rule", ...args)).toEqual({ code, out: "", err });
  });
});

describe("collector", () => {
  test.each(collectorTypes.map(({ type }) => type))("%s passes check", async (type) => {
    const dir = made();
    expect(await run(dir, "new", "collector", type, "my-own")).toEqual({
      code: 0,
      out: "written: collectors/my-own.yaml\n",
      err: "",
    });
    expect(await strictly(dir)).toMatchObject({ code: 0 });
    const text = read(dir, "collectors/my-own.yaml");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/docs\/schemas\/collector\.schema\.json\n/);
    expect(parse(text)).toMatchObject({ id: "my-own", type });
    expect(text).not.toMatch(/[:-] "?change-me"?$/m);
    expect(text).not.toMatch(/^#.{120}/m);
  });

  test("an id that is used is refused, whatever its file is called", async () => {
    const dir = made({ "collectors/x.json": { id: "shop", auth: "none" } });
    expect(await run(dir, "new", "collector", "webhook", "shop")).toEqual({
      code: 3,
      out: "",
      err: 'squall: the collector "shop" is in collectors/x.json already; nothing was written\n',
    });
  });

  test("a file is never overwritten", async () => {
    const dir = made({ "collectors/shop.yaml": "id: other\nauth: none\n" });
    expect(await run(dir, "new", "collector", "webhook", "shop")).toEqual({
      code: 3,
      out: "",
      err: "squall: collectors/shop.yaml is there already; nothing was written\n",
    });
    expect(read(dir, "collectors/shop.yaml")).toBe("id: other\nauth: none\n");
  });
});

describe("executor", () => {
  test.each(executorTypes.map(({ type }) => type))("%s and the action printed for it pass check", async (type) => {
    const dir = made();
    const { code, out, err } = await run(dir, "new", "executor", type, "mine");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^written: config\/squall\.yaml\n/);
    const rules = rulesOf(out);
    expect(rules).toHaveLength(1);
    rules.forEach((rule, at) => folder!.write(`rules/a/${at}_r${at}.yaml`, rule));
    expect(await strictly(dir)).toMatchObject({ code: 0 });
    expect(parse(read(dir, "config/squall.yaml"))).toMatchObject({ executors: { mine: { type, dry_run: true } } });
  });
});

describe("action", () => {
  test.each(presets.map(({ name }) => name))("%s: executor and actions pass check", async (name) => {
    const dir = made();
    const { code, out, err } = await run(dir, "new", "action", name);
    expect([code, err]).toEqual([0, ""]);
    const rules = rulesOf(out);
    expect(rules).toHaveLength(presets.find((preset) => preset.name === name)!.resolve === null ? 1 : 2);
    rules.forEach((rule, at) => folder!.write(`rules/a/${at}_r${at}.yaml`, rule));
    expect(await strictly(dir)).toMatchObject({ code: 0 });
  });

  test("under another id", async () => {
    const dir = made();
    expect(await run(dir, "new", "action", "teams", "--id", "teams_net")).toMatchObject({ code: 0 });
    expect(parse(read(dir, "config/squall.yaml"))).toHaveProperty("executors.teams_net.type", "webhook");
  });

  test("the help names every preset", async () => {
    const { out } = await run("/", "new", "action", "--help");
    for (const { name } of presets) expect(out).toContain(name);
  });
});

describe("unknown names", () => {
  test.each([
    [["executor", "slak", "x"], /^squall: there is no executor type "slak"; accepted: .+; did you mean slack\?\n$/],
    [
      ["collector", "webhok", "x"],
      /^squall: there is no collector type "webhok"; accepted: .+; did you mean webhook\?\n$/,
    ],
    [["action", "team"], /^squall: there is no preset "team"; accepted: .+; did you mean teams\?\n$/],
    [
      ["executor", "slack", "a-b"],
      /^squall: "a-b" is no name of an executor; accepted: letters a-z A-Z, digits and _\n$/,
    ],
    [
      ["collector", "webhook", "a/b"],
      /^squall: "a\/b" is no id of a collector; accepted: letters a-z A-Z, digits and _ \. -\n$/,
    ],
  ])("%j is 2", async (args, err) => {
    expect(await run(made(), "new", ...args)).toEqual({ code: 2, out: "", err: expect.stringMatching(err) });
  });
});

describe("config/squall.yaml keeps what is in it, to the letter", () => {
  const rows: [string, string, string | null][] = [
    ["nothing at all", "", null],
    ["no executors", "store: {path: x.db} # here\n", null],
    ["no line break at the end", "store: {path: x.db}", null],
    ["executors without any", "executors:\n  # none yet\n\nstore: {path: x.db}\n", "executors:\n  # none yet\n  #"],
    [
      "executors with one",
      "executors:\n  a: # first\n    type: logger\n    # more\n\n# below\nstore: {}\n",
      "    # more\n  #",
    ],
    ["four blanks", "executors:\n    a: {type: logger}\nstore: {}\n", "    a: {type: logger}\n    #"],
    ["on one line", "executors: {a: {type: logger}} # kept\n", null],
    ["one without keys", "executors:\n  a:\n  # kept\nstore: {}\n", "  # kept\n  #"],
    [
      "a comment between",
      "executors:\n  a: {type: logger}\n# kept\n  c:\n    type: logger\n    options: {level: info}\n\n# low\n",
      "info}\n  #",
    ],
    ["a text of several lines", "executors:\n  a:\n    type: |-\n      logger\n\nstore: {}\n", "logger\n  #"],
    ["text at the end", "executors:\n  a:\n    type: logger", "    type: logger\n  #"],
  ];
  test.each(rows)("%s", async (_, text, around) => {
    const dir = made({ "config/squall.yaml": text });
    expect(await run(dir, "new", "executor", "logger", "b")).toMatchObject({ code: 0, err: "" });
    const now = read(dir, "config/squall.yaml");
    if (around !== null) expect(now).toContain(around);
    for (const comment of text.match(/# .+/g) ?? []) expect(now).toContain(comment);
    const { executors, ...rest } = parse(now) as { executors: object };
    const { executors: there, ...others } = (parse(text) ?? {}) as { executors?: object };
    expect(rest).toEqual(others);
    expect(executors).toEqual({ ...there, b: { type: "logger", dry_run: true, options: { level: "warn" } } });
    expect(await strictly(dir)).toMatchObject({ code: 0 });
  });

  test.each([
    [
      "an id that is there",
      "executors: {b: {type: logger}}\n",
      'squall: the executor "b" is in config/squall.yaml already; nothing was written\n',
    ],
    [
      "a file with mistakes",
      "executors: {b\n",
      "squall: config/squall.yaml has mistakes that squall check shows; nothing was written\n",
    ],
    ["a list", "- a\n", "squall: config/squall.yaml holds no settings; nothing was written\n"],
  ])("%s: nothing is written", async (_, text, err) => {
    const dir = made({ "config/squall.yaml": text });
    expect(await run(dir, "new", "executor", "logger", "b")).toEqual({ code: 3, out: "", err });
    expect(read(dir, "config/squall.yaml")).toBe(text);
  });
});

test("the commands of the README, on the sample configuration", async () => {
  const dir = made();
  for (const part of ["config", "collectors", "processing-trees", "rules"])
    cpSync(part, join(dir, part), { recursive: true });
  const readme = readFileSync("README.md", "utf8");
  const commands = [
    ...readme.matchAll(/^npm run -s squall -- (new rule .+|test root\.windows_eventlog\.disk_full)$/gm),
  ];
  const results = [];
  for (const [, command] of commands) results.push(await run(dir, ...command!.split(" ")));
  expect(results).toMatchObject([
    { code: 0, out: "written: rules/windows_eventlog/020_disk_full.yaml\n", err: "" },
    { code: 0, out: expect.stringContaining("2 passed, 0 failed") as unknown, err: "" },
  ]);
  expect(await strictly(dir)).toMatchObject({ code: 0 });
});

describe("--print and --json", () => {
  test("print writes nothing", async () => {
    const dir = made();
    const { code, out } = await run(dir, "new", "collector", "webhook", "shop", "--print");
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({ id: "shop", type: "webhook" });
    expect(() => read(dir, "collectors/shop.yaml")).toThrow("ENOENT");
  });

  test("json names the file and its text", async () => {
    const dir = made();
    const { out } = await run(dir, "new", "rule", "a", "r", "--json");
    expect(JSON.parse(out)).toEqual({
      file: "rules/a/010_r.yaml",
      written: true,
      text: read(dir, "rules/a/010_r.yaml"),
      hint: "",
    });
  });
});
