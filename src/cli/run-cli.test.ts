import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { configFolder } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import type { Host } from "../app/host.ts";
import { runCli } from "./run-cli.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

const made = (files: Readonly<Record<string, unknown>>): string => {
  folder = configFolder(files);
  return folder.dir;
};

async function run(args: readonly string[], options: Parameters<typeof testHost>[0] = {}) {
  const host = testHost(options);
  const code = await runCli(args, host satisfies Host);
  return { code, ...host.written };
}

const COMMANDS = [
  ["serve"],
  ["check"],
  ["test"],
  ["explain"],
  ["replay"],
  ["send"],
  ["deliveries", "list"],
  ["deliveries", "show"],
  ["deliveries", "retry"],
  ["deliveries", "drop"],
  ["store", "backup"],
  ["store", "check"],
  ["store", "compact"],
  ["import", "tornado"],
  ["new", "rule"],
  ["new", "collector"],
  ["new", "executor"],
  ["new", "action"],
  ["docs"],
];

describe("help", () => {
  test.each([[[]], ...COMMANDS.map((command) => [command])])("squall %j --help", async (command) => {
    const { code, out, err } = await run([...command, "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`Usage: ${["squall", ...command].join(" ")}`);
    expect(out).toContain("Exit codes: 0 ok, 1 the check failed, 2 wrong usage, 3 cannot run");
    expect(out).not.toContain("\u001b");
  });

  test("every command stands in the list", async () => {
    const { out } = await run(["--help"]);
    for (const [name] of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name!}\\b`, "m"));
  });
});

describe("wrong usage is 2, with what is accepted", () => {
  const rows: [string[], string][] = [
    [["serv"], "unknown command 'serv'"],
    [["serve", "--cofig-dir", "x"], "unknown option '--cofig-dir'"],
    [["replay"], "missing required argument 'file'"],
    [["send", "x"], "required option '--collector <id>'"],
    [["send", "x", "--collector", "c", "--batch", "0"], "accepted: a whole number from 1 to 100000"],
    [["send", "x", "--collector", "c", "--rate", "-1"], "accepted: a number above 0"],
    [["send", "x", "--collector", "c", "--url", "localhost:8080"], "accepted: a URL that starts with http"],
    [["deliveries", "list", "--state", "gone"], "pending, waiting, delivered, superseded, dead"],
    [["deliveries", "show", "abc"], "accepted: a whole number"],
    [["deliveries", "retry"], "accepted: an id, --executor, --rule, --code, or --all alone"],
    [["deliveries", "drop", "7", "--all"], "accepted: an id, --executor, --rule, --code, or --all alone"],
    [["deliveries", "list", "--url", "http://127.0.0.1:1"], "SQUALL_ADMIN_TOKEN"],
  ];
  test.each(rows)("%j", async (args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });
});

describe("check", () => {
  const bad = { "config/squall.yaml": "ingst: {port: 1}\n", "collectors/a.yaml": "id: a\ntype: webhok\nauth: none\n" };
  /** A folder of rules that no tree uses. */
  const warned = {
    "processing-trees/main.yaml": { name: "main", type: "ruleset", ruleset: "used" },
    "rules/used/010_a.yaml": { actions: [] },
    "rules/unused/010_b.yaml": { actions: [] },
  };

  test("a sound configuration", async () => {
    expect(await run(["check", "--config-dir", made({ "rules/a/010_b.yaml": { actions: [] } })])).toEqual({
      code: 0,
      out: "no problems; 0 collectors, 1 rule, 2 executors\n",
      err: "",
    });
  });

  test("every problem with its place, and how many", async () => {
    const { code, out } = await run(["check"], { cwd: made(bad) });
    expect(code).toBe(1);
    expect(out).toContain("config/squall.yaml:1:1 error unknown-key");
    expect(out).toContain("collectors/a.yaml:2:7 error");
    expect(out).toMatch(/\n2 errors\n$/);
    expect(out).not.toContain("\u001b");
  });

  test("warnings fail it only with --strict", async () => {
    const dir = made(warned);
    expect(await run(["check", "--config-dir", dir])).toMatchObject({ code: 0 });
    expect(await run(["check", "--config-dir", dir, "--strict"])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/1 warning; 0 collectors, 1 rule,/),
    });
  });

  test("--json for programs", async () => {
    const { code, out } = await run(["check", "--json"], { cwd: made(bad) });
    expect([code, JSON.parse(out)]).toMatchObject([1, { errors: 2, diagnostics: [{ line: 1 }, { line: 2 }] }]);
  });

  test("colour on a terminal, unless NO_COLOR says no", async () => {
    const cwd = made(bad);
    expect((await run(["check"], { cwd, terminal: true })).out).toContain("\u001b[");
    expect((await run(["check"], { cwd, terminal: true, env: { NO_COLOR: "1" } })).out).not.toContain("\u001b");
  });

  test("a folder that is not there cannot be checked", async () => {
    expect(await run(["check", "--config-dir", "/nowhere"])).toMatchObject({ code: 3 });
  });
});

describe("replay", () => {
  const fixture = (name: string): string => readFileSync(`test/fixtures/neteye/${name}`, "utf8");
  const article = () =>
    made({
      "config/squall.yaml":
        "executors: {icinga2: {dry_run: true, options: {url: 'https://localhost:5665', username: u, password: hunter2}}}\n",
      "collectors/eventlog.json": fixture("collector-eventlog.json"),
      "rules/windows/010_service_restart.json": fixture("010_service_restart.json"),
      "documents.ndjson": `${fixture("winlogbeat-7036.json").trim()}\n`,
      "tree.yaml": {
        name: "t",
        type: "filter",
        filter: { type: "equals", first: "${event.type}", second: "a" },
        nodes: [
          {
            name: "all",
            type: "ruleset",
            rules: [
              {
                name: "r",
                constraint: {
                  WITH: { n: { from: "${event.payload.n}", regex: { match: "\\d+", group_match_idx: 0 } } },
                },
                actions: [{ id: "unknown_executor", payload: { n: "${_variables.n}" } }],
              },
            ],
          },
        ],
      },
      "events.ndjson":
        '{"type":"a","payload":{"n":"x7"},"created_ms":1000}\n' +
        '{"type":"a","payload":{"n":"x"}}\n' +
        '{"type":"b","payload":{},"id":"given"}\n' +
        "broken\n",
    });

  test("raw documents of a collector: what Icinga 2 would be sent, the same bytes every time", async () => {
    const dir = article();
    const args = ["replay", "--config-dir", dir, "--collector", "eventlog", join(dir, "documents.ndjson")];
    const first = await run(args);
    expect(first).toMatchObject({ code: 0, err: "" });
    const line = JSON.parse(first.out) as { matches: { path: string; actions: { payload: unknown }[] }[] };
    const { body } = JSON.parse(fixture("expected-icinga2-request.json")) as { body: unknown };
    expect(line).toMatchObject({
      event: { id: "line-1", type: "eventlog" },
      matches: [
        {
          path: "root.windows.service_restart",
          status: "matched",
          actions: [
            {
              id: "icinga2",
              payload: { icinga2_action_name: "process-check-result", icinga2_action_payload: body },
            },
          ],
        },
      ],
      alerts: [],
    });
    expect(await run(args)).toEqual(first);
  });

  test("a tree of its own: golden output", async () => {
    const dir = article();
    const args = ["replay", "--tree", join(dir, "tree.yaml"), join(dir, "events.ndjson")];
    const first = await run(args);
    expect(first.out.split("\n")).toEqual([
      '{"event":{"id":"line-1","type":"a","created_ms":1000},"matches":[{"path":"t.all.r","status":"matched","extracted":{"n":"7"},"actions":[{"id":"unknown_executor","payload":{"n":"7"}}]}],"alerts":[]}',
      expect.stringMatching(
        /^\{"event":\{"id":"line-2","type":"a","created_ms":1000\},"matches":\[\{"path":"t\.all\.r","status":"partially_matched","extracted":\{\},"actions":\[\],"message":".+"\}\],"alerts":\[\]\}$/,
      ),
      '{"event":{"id":"given","type":"b","created_ms":1000},"matches":[],"alerts":[]}',
      expect.stringMatching(/^\{"error":\{"code":"bad_input","message":"not valid JSON.*","line":4\}\}$/),
      "",
    ]);
    expect([first.code, first.err]).toEqual([1, ""]);
    expect(await run(args)).toEqual(first);
  });

  test("--trace from standard input", async () => {
    const dir = article();
    const args = ["replay", "--tree", "tree.yaml", "--trace", "--no-drain", "-"];
    const { code, out } = await run(args, { cwd: dir, stdin: '{"type":"b","payload":{}}\n' });
    expect([code, out]).toEqual([
      0,
      '{"event":{"id":"line-1","type":"b","created_ms":0},"matches":[],"alerts":[],"trace":{"type":"filter","name":"t","status":"not_matched","nodes":[]}}\n',
    ]);
  });

  const failing: [string, string[], string][] = [
    ["a configuration with errors", ["--config-dir", "bad", "-"], "config/squall.yaml:1:1 error unknown-key"],
    ["a tree with errors", ["--tree", "bad-tree.yaml", "-"], "bad-tree.yaml:2:7 error"],
    ["a tree that is not there", ["--tree", "none.yaml", "-"], "there is no such file"],
    ["an unknown collector", ["--collector", "eventlg", "-"], 'no collector "eventlg"; accepted: eventlog'],
    ["events that are not there", ["--tree", "tree.yaml", "none.ndjson"], "none.ndjson: ENOENT"],
    ["a folder as events", ["--tree", "tree.yaml", "."], "it is a folder"],
  ];
  test.each(failing)("%s: 3, and the reason on standard error", async (_name, args, reason) => {
    const cwd = article();
    folder!.write("bad/config/squall.yaml", "ingst: {}\n");
    folder!.write("bad-tree.yaml", "name: t\ntype: filtr\n");
    const { code, out, err } = await run(["replay", ...args], { cwd, stdin: "" });
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(reason);
  });
});

test("an unexpected error is 3, with its stack", async () => {
  const host = testHost();
  const broken: Host = {
    ...host,
    get cwd(): string {
      throw new Error("no working directory");
    },
  };
  expect(await runCli(["check"], broken)).toBe(3);
  expect(host.written.err).toMatch(/^squall: internal error: Error: no working directory\n +at /);
});

test("serve prints every problem of its configuration and does not start", async () => {
  const { code, out, err } = await run([
    "serve",
    "--config-dir",
    made({ "config/squall.yaml": "ingst: {}\nstor: {}\n" }),
  ]);
  expect([code, out]).toEqual([3, ""]);
  expect(err).toContain("config/squall.yaml:1:1 error unknown-key");
  expect(err).toContain("config/squall.yaml:2:1 error unknown-key");
  expect(err).toMatch(/\nsquall: the configuration has 2 errors/);
});

describe("send", () => {
  const answers = { accepted: 2, rejected: [{ index: 1, error: "no object" }] };
  async function sendTo(args: readonly string[], env: Record<string, string> = {}) {
    const tokens: (string | undefined)[] = [];
    const server = createServer((incoming, outgoing) => {
      tokens.push(incoming.headers.authorization);
      incoming.resume().on("end", () => outgoing.end(JSON.stringify(answers)));
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const cwd = made({ "events.ndjson": '{"a":1}\n{"a":2}\n{"a":3}\n' });
    const url = `http://127.0.0.1:${port}`;
    const result = await run(["send", "--url", url, "--collector", "c", ...args], { cwd, env });
    server.closeAllConnections();
    server.close();
    return { ...result, tokens };
  }

  test("totals, refused lines on standard error, 1 for them, the token from the environment", async () => {
    const { code, out, err, tokens } = await sendTo(["events.ndjson"], { SQUALL_TOKEN: "t" });
    expect(code).toBe(1);
    expect(out).toMatch(/^2 accepted, 1 rejected of 3 events in 1 requests, 0 repeated, [\d.]+ s, \d+ events\/s\n$/);
    expect(err).toBe("rejected, line 2: no object\n");
    expect(tokens).toEqual(["Bearer t"]);
  });

  test("--json", async () => {
    const { out, tokens } = await sendTo(["events.ndjson", "--json", "--token", "u"]);
    expect(JSON.parse(out)).toMatchObject({ events: 3, requests: 1, accepted: 2, rejected: 1, retries: 0 });
    expect(tokens).toEqual(["Bearer u"]);
  });

  test.each(["none.ndjson", "."])("%s cannot be read: 3", async (file) => {
    const { code, out, err } = await sendTo([file]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("cannot read");
  });
});

test("docs: written once, up to date then, and checked", async () => {
  const cwd = made({ "docs/reference/gone.md": "stray" });
  expect(await run(["docs", "--check"], { cwd })).toMatchObject({
    code: 1,
    out: expect.stringContaining("not up to date: docs/reference/gone.md"),
  });
  const written = await run(["docs"], { cwd });
  expect(written.code).toBe(0);
  expect(written.out).toContain("written: docs/reference/settings.md");
  expect(written.out).toContain("removed: docs/reference/gone.md");
  expect(await run(["docs", "--check"], { cwd })).toEqual({ code: 0, out: "the reference is up to date\n", err: "" });
  folder!.write("docs/reference/settings.md", "mine");
  expect(await run(["docs", "--check", "--json"], { cwd })).toEqual({
    code: 1,
    out: '{"changed":["docs/reference/settings.md"]}\n',
    err: "",
  });
});
