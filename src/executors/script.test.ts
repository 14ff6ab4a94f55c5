import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY } from "../../test/kit/describe-executor.ts";
import { script } from "./script.ts";

const root = mkdtempSync(join(tmpdir(), "squall-script-"));
const directory = join(root, "scripts");
const write = (path: string, text: string): string => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
};
const add = (name: string, text: string): string => write(join(directory, name), text);
/** A pipe by name: reading it ends when a script has written to it. */
const pipe = (name: string): string => {
  const path = join(root, name);
  execFileSync("mkfifo", [path]);
  return path;
};
const create = (options: object = {}, more: Parameters<typeof createTestExecutor>[2] = {}) =>
  createTestExecutor(script, { directories: [directory], ...options }, more);

beforeAll(() => {
  mkdirSync(join(directory, "sub"), { recursive: true });
  add("ok.sh", "exit 0");
});
afterAll(() => rmSync(root, { recursive: true }));

describeExecutor(script, {
  options: () => ({ directories: [directory] }),
  payload: () => ({ script: "ok.sh" }),
  badPayloads: {
    "no script": { args: ["x"] },
    "script as a number": { script: 5 },
    "an empty script": { script: "" },
    "a blank script": { script: " \t" },
    "a script elsewhere": { script: "/bin/true" },
  },
});

describe("what the script gets", () => {
  const seen = join(root, "seen");
  const run = async (payload: JsonObject, more: object = {}, options: object = {}): Promise<string> => {
    rmSync(seen, { force: true });
    expect(await create(options).run(payload, more)).toEqual({ kind: "delivered" });
    return readFileSync(seen, "utf8");
  };

  test("arguments, each as it is, without a shell", async () => {
    add("args.sh", `for a in "$@"; do printf '%s\\n' "$a"; done > ${seen}`);
    const text = await run({
      script: "args.sh first",
      args: ["$(touch x)", "`id`; rm -rf /", "two words", { b: 1, a: "'" }],
    });
    expect(text.split("\n")).toEqual([
      "first",
      "$(touch x)",
      "`id`; rm -rf /",
      "two words",
      "--a",
      "'",
      "--b",
      "1",
      "",
    ]);
  });

  test("the payload on standard input", async () => {
    add("stdin.sh", `cat > ${seen}`);
    const payload = { script: "stdin.sh", args: null, event: { id: 9007199254740993n, text: "ü\n" } };
    expect(await run(payload)).toBe('{"script":"stdin.sh","args":null,"event":{"id":9007199254740993,"text":"ü\\n"}}');
  });

  test("a large payload that is not read is no failure", async () => {
    add("deaf.sh", "exec <&-; exit 0");
    expect(await create().run({ script: "deaf.sh", event: "x".repeat(1_000_000) })).toEqual({ kind: "delivered" });
  });

  test("next to nothing in its environment", async () => {
    add("env.sh", `env | sort > ${seen}`);
    const names = (text: string): string[] =>
      text
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0]!)
        // The shell's own.
        .filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name));
    const bare = await run({ script: "env.sh" });
    expect(names(bare)).toEqual(["LANG", "PATH", "SQUALL_DELIVERY", "SQUALL_RULE"]);
    expect(bare).toContain(`SQUALL_DELIVERY=${EXAMPLE_KEY}\n`);
    expect(bare).toContain("SQUALL_RULE=root.windows.services.service_stopped\n");
    const full = await run(
      { script: "env.sh" },
      { traceparent: "00-a-b-01" },
      { environment: { TOKEN: "t", LANG: "C" } },
    );
    expect(names(full)).toEqual(["LANG", "PATH", "SQUALL_DELIVERY", "SQUALL_RULE", "TOKEN", "TRACEPARENT"]);
    expect(full).toContain("LANG=C\n");
  });
});

describe("which scripts may run", () => {
  const outside = (): string => write(join(root, "outside.sh"), "exit 0");

  test.each<[string, () => string]>([
    ["by name", () => "ok.sh"],
    ["in a subdirectory", () => (add("sub/deep.sh", "exit 0"), "sub/deep.sh")],
    ["by absolute path", () => join(directory, "ok.sh")],
    ["through a way that stays inside", () => "sub/../ok.sh"],
    ["whose name begins with dots", () => (add("..ok.sh", "exit 0"), "..ok.sh")],
  ])("%s", async (_, name) => expect(await create().run({ script: name() })).toEqual({ kind: "delivered" }));

  test.each<[string, () => string]>([
    ["by absolute path", () => outside()],
    ["by a way that climbs out", () => (outside(), "../outside.sh")],
    ["by a way that climbs out of a subdirectory", () => (outside(), "sub/../../outside.sh")],
    [
      "through a link inside",
      () => {
        symlinkSync(outside(), join(directory, "link.sh"));
        return "link.sh";
      },
    ],
    ["that are not there", () => "/nowhere/at/all.sh"],
    ["found by PATH", () => "true"],
    ["the directory itself", () => "."],
    ["with a zero byte", () => "ok.sh\0"],
  ])("refused, outside: %s", async (what, name) => {
    const outcome = await create().run({ script: name() });
    const kind = what === "found by PATH" ? "retry" : "reject";
    expect(outcome).toMatchObject({ kind, reason: expect.stringContaining(kind === "reject" ? "no" : "is not there") });
  });

  test("a neighbour whose name begins like the directory's is outside", async () => {
    mkdirSync(`${directory}-too`);
    const file = write(join(`${directory}-too`, "x.sh"), "exit 0");
    expect(await create().run({ script: file })).toMatchObject({ kind: "reject" });
  });

  test("a directory that is a link itself, and a second directory", async () => {
    symlinkSync(directory, join(root, "linked"));
    const { run } = create({ directories: [join(root, "missing"), join(root, "linked")] });
    expect(await run({ script: "ok.sh" })).toEqual({ kind: "delivered" });
    expect(await run({ script: join(directory, "ok.sh") })).toEqual({ kind: "delivered" });
  });

  test("a script that is not there yet is tried again", async () => {
    expect(await create().run({ script: "later.sh" })).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining('the script "later.sh" is not there'),
    });
  });
});

describe("how it ends", () => {
  test("a status other than 0 is tried again, with what it said", async () => {
    add("fail.sh", 'echo "out"; echo "cannot: $1" >&2; exit 3');
    expect(await create().run({ script: "fail.sh", args: "disk" })).toEqual({
      kind: "retry",
      reason: 'the script "fail.sh" ended with status 3: cannot: disk',
      response: "cannot: disk\n",
    });
  });

  test("what it said is masked and cut", async () => {
    add("leak.sh", 'echo "token $TOKEN and $1" >&2; head -c 300000 /dev/zero | tr "\\0" x >&2; exit 1');
    const { run, executor, logged } = create(
      { environment: { TOKEN: "s3cret/1" } },
      { secrets: [new Secret("of-the-payload")] },
    );
    const outcome = await run({ script: "leak.sh", args: "of-the-payload" });
    expect(outcome).toMatchObject({ kind: "retry", response: expect.stringMatching(/^token \*\*\* and \*\*\*\nx+…$/) });
    const text = JSON.stringify([
      outcome,
      logged,
      executor.preview({ payload: { script: "of-the-payload" } } as never),
    ]);
    expect(text).not.toMatch(/s3cret|of-the-payload/);
    if (outcome.kind === "retry") expect(Buffer.byteLength(outcome.response!)).toBeLessThanOrEqual(1024);
  });

  test("ended by a signal", async () => {
    add("suicide.sh", "kill -9 $$");
    expect(await create().run({ script: "suicide.sh" })).toMatchObject({
      kind: "retry",
      reason: 'the script "suicide.sh" was ended by SIGKILL',
    });
  });

  test.each<[string, () => void, string]>([
    ["is not executable", () => writeFileSync(join(directory, "plain"), "#!/bin/sh\n"), "EACCES"],
    [
      "has no interpreter",
      () => writeFileSync(join(directory, "plain"), "#!/no/such/interpreter\n", { mode: 0o755 }),
      "ENOENT",
    ],
  ])("a file that %s is tried again", async (_, make, code) => {
    rmSync(join(directory, "plain"), { force: true });
    make();
    expect(await create().run({ script: "plain" })).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining(code),
    });
  });

  test.each([
    ["a zero byte", ["a\0b"]],
    ["more than a command line holds", Array.from({ length: 40 }, () => "x".repeat(120_000))],
  ])("arguments with %s are rejected", async (_, args) => {
    expect(await create().run({ script: "ok.sh", args })).toMatchObject({
      kind: "reject",
      reason: expect.stringContaining("cannot be started"),
    });
  });

  test("null among the arguments is told to the log", async () => {
    const { run, logged } = create();
    await run({ script: "ok.sh", args: [null] });
    expect(logged.join()).toContain("args holds null");
  });
});

/** The clock stands still, so an outcome comes only when everybody who holds standard error has ended. */
describe("it is stopped", () => {
  const slow = (name: string, before = ""): Promise<string> => {
    const up = pipe(`${name}.pipe`);
    add(name, `${before}\nsleep 1000 &\necho up > ${up}\nwait\nwait`);
    return readFile(up, "utf8");
  };

  test("at the timeout, with what it started", async () => {
    const up = slow("slow.sh");
    const { run, clock } = create();
    const outcome = run({ script: "slow.sh" });
    await up;
    await clock.advance(10_000);
    expect(await outcome).toMatchObject({ kind: "retry", reason: 'the script "slow.sh" did not end within 10s' });
    expect(clock.pending).toBe(0);
  });

  test("when the attempt is broken off", async () => {
    const up = slow("aborted.sh");
    const { run, clock } = create();
    const stop = new AbortController();
    const outcome = run({ script: "aborted.sh" }, {}, stop.signal);
    await up;
    stop.abort();
    expect(await outcome).toMatchObject({ kind: "retry", reason: 'the script "aborted.sh" was broken off' });
    expect(clock.pending).toBe(0);
    expect(await run({ script: "ok.sh" }, {}, AbortSignal.abort())).toMatchObject({ kind: "retry" });
  });

  test("with SIGKILL when it does not mind SIGTERM", async () => {
    const up = slow("stubborn.sh", "trap '' TERM");
    const { run, clock } = create();
    const stop = new AbortController();
    const outcome = run({ script: "stubborn.sh" }, {}, stop.signal);
    await up;
    stop.abort();
    await clock.advance(499);
    expect(clock.pending).toBe(2); // SIGKILL, and the timeout
    await clock.advance(1);
    expect(await outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("was broken off") });
  });

  test("what a script leaves in the background is not waited for, nor ended", async () => {
    const go = pipe("go.pipe");
    const done = pipe("done.pipe");
    add("background.sh", `(cat ${go} > /dev/null; echo done > ${done}) &\nexit 0`);
    const { run, clock } = create();
    const outcome = run({ script: "background.sh" });
    while (clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(200);
    expect(await outcome).toEqual({ kind: "delivered" });
    await writeFile(go, "go");
    expect(await readFile(done, "utf8")).toBe("done\n");
  });
});
