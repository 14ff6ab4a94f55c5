import * as fc from "fast-check";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "../component/secret.ts";
import { evaluator } from "../core/match/evaluate.ts";
import type { JsonObject } from "../core/json.ts";
import { parseDocument } from "./document/parse-document.ts";
import { loadConfiguration } from "./load.ts";
import { loadSettings } from "./load-settings.ts";
import type { Plan } from "./plan.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "squall-load-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
};
const load = async (files: Readonly<Record<string, string>>, env = {}, set: readonly string[] = []) => {
  write(files);
  return loadConfiguration({ dir, env, set });
};
const planOf = async (...args: Parameters<typeof load>): Promise<Plan> => {
  const { plan, diagnostics } = await load(...args);
  expect(diagnostics).toEqual([]);
  return plan!;
};

const RULE = `constraint: {WHERE: {type: equals, first: "\${event.type}", second: a}}\nactions: []\n`;
const ICINGA = `executors:
  icinga2:
    options: {url: "https://icinga.example.com:5665", username: squall, password: "\${env:PW}", ca_file: tls/ca.pem}
`;

describe("the sample configuration", () => {
  const sample = resolve(".");

  test("loads without a diagnostic, with the defaults as settings", async () => {
    const { plan, diagnostics } = await loadConfiguration({ dir: sample, env: {} });
    expect(diagnostics).toEqual([]);
    expect(plan!.tree.rulePaths).toEqual([
      "root.windows_eventlog.service_restart",
      "root.windows_security.failed_logon",
    ]);
    expect(plan!.collectors.map(({ id }) => id)).toEqual(["eventlog"]);
    expect(plan!.executors.map(({ id, dispatch }) => [id, dispatch.dryRun])).toEqual([
      ["icinga2", true],
      ["logger", false],
      ["event", false],
    ]);
    const bare = await loadConfiguration({ dir, env: {} });
    const { store, admin, ...settings } = plan!.settings;
    expect(bare.plan!.settings).toMatchObject(settings);
    expect(store.path).toBe(join(sample, "data/squall.db"));
    expect(admin.tokenHashFile).toBe(join(sample, "data/admin.token"));
  });

  test("holds the collector and the rule of the NetEye article as they are", () => {
    const fixture = readFileSync("test/fixtures/neteye/010_service_restart.json", "utf8");
    expect(readFileSync("rules/windows_eventlog/010_service_restart.json", "utf8")).toBe(fixture);
    const collector = parseDocument(readFileSync("collectors/eventlog.json", "utf8")).value;
    expect(collector).toEqual({
      id: "eventlog",
      token: "secret_token",
      collector_config: { event_type: "eventlog", payload: { doc: "${@}" } },
    });
  });

  test("what is commented out are known keys with their defaults", async () => {
    cpSync("collectors", join(dir, "collectors"), { recursive: true });
    const text = readFileSync("config/squall.yaml", "utf8");
    // The type of an entry can be given once, and files of examples are not there.
    const uncommented = text.replace(/^( +)# (?=[a-z_]+: )/gm, "$1");
    const { diagnostics } = await load({ "config/squall.yaml": uncommented, "config/x": "" });
    const codes = new Set(diagnostics.map(({ code }) => code));
    expect([...codes].sort()).toEqual(["missing-file"]);
    const examples = /^( +)# (?=(tls|token|proxy|no_proxy|ca_file|secrets|rate|order_by|outbound): )/gm;
    const defaults = text.replace(examples, "$1#- ").replace(/^( +)# (?=[a-z_]+: )/gm, "$1");
    const given = await loadSettings({ dir: join(dir, "other"), env: {}, set: [] });
    write({ "other/config/squall.yaml": defaults });
    const written = await loadSettings({ dir: join(dir, "other"), env: {}, set: [] });
    expect(written.diagnostics).toEqual([]);
    expect(written.settings).toEqual(given.settings);
  });

  test("its own tests hold", async () => {
    const { plan } = await loadConfiguration({ dir: sample, env: {} });
    const rule = parseDocument(readFileSync("rules/windows_security/010_failed_logon.yaml", "utf8")).value as {
      tests: {
        event: { type: string; payload: JsonObject };
        expect: { extracted: JsonObject; actions: JsonObject[] };
      }[];
    };
    for (const { event, expect: expected } of rule.tests) {
      const matches = evaluator(plan!.tree).match({ id: "1", created_ms: 0, metadata: {}, trace_id: null, ...event });
      expect(matches).toMatchObject([{ status: "matched", ...expected }]);
    }
  });
});

describe("a folder", () => {
  test("with nothing in it gives a plan and a warning", async () => {
    const { plan, diagnostics } = await load({});
    expect(plan).not.toBeNull();
    expect(diagnostics).toMatchObject([{ severity: "warning", code: "empty-configuration" }]);
  });

  test("that is not there, or is a file, is an error", async () => {
    writeFileSync(join(dir, "file"), "");
    for (const path of ["nowhere", "file"])
      expect(await loadConfiguration({ dir: join(dir, path), env: {} })).toMatchObject({
        plan: null,
        diagnostics: [{ severity: "error", code: "no-configuration" }],
      });
  });

  test("an empty settings file is valid", async () => {
    const plan = await planOf({ "config/squall.yaml": "" });
    expect(plan.executors.map(({ id }) => id)).toEqual(["logger", "event"]);
  });

  test("rules are in file-name order, hidden files and notes are passed over", async () => {
    const plan = await planOf({
      "rules/b/20_second.yaml": RULE,
      "rules/b/10_first.json": '{"actions": []}',
      "rules/a/1_x.yml": RULE,
      "rules/a/.hidden.yaml": "[",
      "rules/a/1_x.yml~": "[",
      "rules/README.md": "",
      "collectors/.gitkeep": "",
    });
    expect(plan.tree.rulePaths).toEqual(["root.a.x", "root.b.first", "root.b.second"]);
  });
});

describe("references", () => {
  test("are resolved in settings and collectors, never in rules and trees", async () => {
    const plan = await planOf(
      {
        "config/squall.yaml": 'ingest: {port: "${env:PORT}"}\nlog: {level: "${env:LEVEL:-warn}"}\n',
        "collectors/a.yaml": 'id: a\ntoken: "${file:token}"\nsplit: "${env:SPLIT}"\n',
        token: "from-a-file\n",
        "rules/r/1_x.yaml": 'actions: [{id: logger, payload: {text: "${event.payload.a}", x: "$env"}}]\n',
      },
      { PORT: "9090", SPLIT: "false" },
    );
    expect(plan.settings.ingest.port).toBe(9090);
    expect(plan.settings.log.level).toBe("warn");
    const options = plan.collectors[0]!.options as { token: Secret; split: boolean };
    expect(options.token.reveal()).toBe("from-a-file");
    expect(options.split).toBe(false);
  });

  test("in a rule they are unknown roots", async () => {
    const { diagnostics } = await load(
      { "rules/r/1_x.yaml": 'actions: [{id: logger, payload: {text: "${env:SECRET}"}}]\n' },
      { SECRET: "hunter2" },
    );
    expect(diagnostics.map(({ code }) => code)).toContain("unknown-root");
    expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  });

  test("a value can never become structure", async () => {
    const plan = await planOf(
      { "collectors/a.yaml": 'id: a\ntoken: "${env:TOKEN}"\n' },
      { TOKEN: 'x"\nauth: none\n#' },
    );
    expect((plan.collectors[0]!.options as { token: Secret }).token.reveal()).toBe('x"\nauth: none\n#');
  });

  test("no value appears in what is wrong, whatever the schema says about it", async () => {
    const { diagnostics } = await load(
      {
        "config/squall.yaml": `ingest: {port: "\${env:S}", max_body: "\${env:S}", host: ["\${env:S}"]}
store: {retention: "\${env:S}"}
log: {level: "\${env:S}"}
outbound: {proxy: "\${env:S}", ca_file: "\${env:S}"}
executors:
  a: {type: "\${env:S}"}
  webhook: {options: {url: "\${env:S}", basic: "\${env:S}", success: ["\${env:S}"]}, outbox: {max_share: "\${env:S}"}, concurrency: "\${env:S}"}
  slack: {options: {url: "\${env:S}"}}
`,
        "collectors/a.yaml":
          'id: "${env:S}"\nauth: "${env:S}"\nlateness: "${env:S}"\nmax_payload_size: "${env:S}"\nformat: "${env:S}"\n',
        "collectors/b.yaml":
          'id: b\ntype: "${env:S}"\nmetadata_from: {a: {from: "${env:S}", regex: "${env:S}"}}\ncollector_config: {event_type: "${env:M}"}\n',
      },
      { S: "hunter2 (", M: "${hunter2 (}" },
    );
    expect(diagnostics.length).toBeGreaterThan(15);
    expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  });
});

describe("executors", () => {
  test("what the entry says goes over the type's, which goes over the default", async () => {
    const plan = await planOf({
      "config/squall.yaml": `outbound: {proxy: "http://p:1", no_proxy: "a, b"}
executors:
  one: {type: slack, options: {url: "https://hooks.slack.com/x"}}
  two:
    type: elasticsearch
    concurrency: 2
    rate: {per_second: 2.5}
    retry: {max_attempts: 3, backoff: {type: fixed, delay: 10s}}
    breaker: {failures: 3}
    order_by: "\${payload.index}-\${payload.n}"
    timeout: 3s
    batch: {max_items: 7}
    outbox: {max_share: 25%, on_full: dead_letter_oldest}
    outbound: {proxy: "http://q:2"}
    secrets: {key: "s3cret"}
    dry_run: true
`,
    });
    const [one, two, logger] = plan.executors;
    expect(one!.dispatch).toMatchObject({
      concurrency: 1,
      rate: { perSecond: 1, burst: 3 },
      batch: null,
      prefetch: 1000,
    });
    expect(one!.outbound).toEqual({ proxy: "http://p:1", noProxy: ["a", "b"], timeoutMs: 10_000, concurrency: 1 });
    const { orderOf, ...dispatch } = two!.dispatch;
    expect(dispatch).toEqual({
      dryRun: true,
      concurrency: 2,
      prefetch: 1000,
      rate: { perSecond: 2.5, burst: 3 },
      retry: { maxAgeMs: 86_400_000, maxAttempts: 3, backoff: { type: "fixed", delayMs: 10_000, jitter: 0 } },
      breaker: { failures: 3, openForMs: 30_000 },
      timeoutMs: 3000,
      batch: { maxItems: 7, maxBytes: 5_242_880, lingerMs: 100 },
      space: { maxShare: 0.25, onFull: "dead_letter_oldest" },
    });
    expect(orderOf({ index: "a", n: 1 })).toBe("a-1");
    expect(orderOf({ index: "a" })).toBeNull();
    expect(two!.outbound).toMatchObject({ proxy: "http://q:2", noProxy: ["a", "b"] });
    expect(two!.secrets["key"]!.reveal()).toBe("s3cret");
    expect(logger).toMatchObject({ id: "logger", dispatch: { concurrency: 16, rate: null } });
    expect(plan.actions["two"]).toMatchObject({ type: "elasticsearch", secrets: ["key"], allowDynamicCode: false });
  });

  test.each<[Record<string, string>, string, object]>([
    [{ HTTPS_PROXY: "http://env:1", NO_PROXY: "x,.y" }, "", { proxy: "http://env:1", noProxy: ["x", ".y"] }],
    [{ https_proxy: "env:1" }, "", { proxy: "http://env:1" }],
    [{ HTTPS_PROXY: "http://env:1" }, "outbound: {proxy: 'http://file:1'}", { proxy: "http://file:1" }],
    [{}, "", {}],
  ])("proxy of %j and %j", async (env, settings, expected) => {
    const plan = await planOf({ "config/squall.yaml": settings }, env);
    expect(plan.executors[0]!.outbound).toEqual({ ...expected, timeoutMs: 10_000, concurrency: 16 });
  });

  test("a proxy in the environment that is none is told without its value", async () => {
    const { diagnostics } = await load({ "config/squall.yaml": "" }, { HTTPS_PROXY: "socks5://u:hunter2@p:1" });
    expect(diagnostics).toMatchObject([{ code: "bad-variable" }]);
    expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  });

  test("files are relative to the configuration folder, and read", async () => {
    const plan = await planOf({ "config/squall.yaml": ICINGA, "tls/ca.pem": "A CA" }, { PW: "x" });
    expect(plan.executors[0]!.options).toMatchObject({ ca_file: join(dir, "tls/ca.pem") });
  });
});

describe("hashes", () => {
  const files = {
    "config/squall.yaml": ICINGA,
    "tls/ca.pem": "A CA",
    "collectors/a.yaml": "id: a\ntoken: x\n",
    "rules/r/1_x.yaml": RULE,
  };
  const hashes = async (more: Readonly<Record<string, string>>, env = { PW: "x" }, set: readonly string[] = []) => {
    const plan = await planOf({ ...files, ...more }, env, set);
    return {
      plan: plan.hash,
      icinga2: plan.executors[0]!.hash,
      logger: plan.executors[1]!.hash,
      a: plan.collectors[0]!.hash,
    };
  };

  test("are those of what is configured, not of how it is written", async () => {
    const first = await hashes({});
    expect(await hashes({})).toEqual(first);
    expect(await hashes({ "config/squall.yaml": `# a comment\n${ICINGA}` })).toEqual(first);
    expect(first.plan).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Readonly<Record<string, string>>, Record<string, string>, string[], string[]]>([
    ["a secret", {}, { PW: "y" }, [], ["plan", "icinga2"]],
    ["a file that an option names", { "tls/ca.pem": "another CA" }, { PW: "x" }, [], ["plan", "icinga2"]],
    ["a collector", { "collectors/a.yaml": "id: a\ntoken: y\n" }, { PW: "x" }, [], ["plan", "a"]],
    ["a rule", { "rules/r/1_x.yaml": RULE.replace("second: a", "second: b") }, { PW: "x" }, [], ["plan"]],
    ["a setting", {}, { PW: "x" }, ["log.level=debug"], ["plan"]],
    ["the proxy", {}, { PW: "x" }, ["outbound.proxy=http://p:1"], ["plan", "icinga2", "logger"]],
    ["a dispatch setting", {}, { PW: "x" }, ["executors.icinga2.concurrency=2"], ["plan", "icinga2"]],
  ])("%s changes its own", async (_, more, env, set, changed) => {
    const before = await hashes({}, { PW: "x" });
    const after = await hashes(more, env as { PW: string }, set);
    const differing = (Object.keys(before) as (keyof typeof before)[]).filter((key) => before[key] !== after[key]);
    expect(differing.sort()).toEqual(changed.toSorted());
  });
});

test("values over a limit of regular expressions are told to whom it concerns", async () => {
  write({
    "config/squall.yaml": "limits: {regex_value: 10}\n",
    "rules/r/1_x.yaml": 'constraint: {WHERE: {type: regex, regex: "b+", target: "${event.payload.a}"}}\nactions: []\n',
  });
  let told = 0;
  const { plan } = await loadConfiguration({ dir, env: {}, onRegexOverLimit: () => told++ });
  const event = { id: "1", type: "a", created_ms: 0, metadata: {}, trace_id: null };
  expect(evaluator(plan!.tree).match({ ...event, payload: { a: "bbb" } })).toHaveLength(1);
  expect(evaluator(plan!.tree).match({ ...event, payload: { a: "b".repeat(20) } })).toHaveLength(0);
  expect(told).toBe(1);
});

test("whatever the files hold, loading ends with a plan or an error", async () => {
  const sources = ["config/squall.yaml", "collectors/eventlog.json", ...filesBelow("rules")];
  const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8").replace(/^ *#.*\n/gm, "")]));
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "null",
    "~",
    "1e999",
    "${",
    "${env:X}",
    "\n",
    "  ",
    "- ",
    "&a",
    "*a",
    "__proto__",
    "type",
    "\u0000",
    "true",
    "-1",
    "''",
  );
  const edit = fc.record({
    file: fc.constantFrom(...sources),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(12),
    put: piece,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const edited = new Map(texts);
      for (const { file, at, cut, put } of edits) {
        const text = edited.get(file)!;
        const from = Math.floor(at * text.length);
        edited.set(file, text.slice(0, from) + put + text.slice(from + cut));
      }
      const { plan, diagnostics } = await load(Object.fromEntries(edited));
      expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
      for (const { line, column, message } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).toMatch(/^[^A-Z]/);
      }
    }),
    { numRuns: 60 },
  );
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(yaml|json)$/.test(file))
    .map((file) => `${folder}/${file}`);
