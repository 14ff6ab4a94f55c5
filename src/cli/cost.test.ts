import { afterEach, describe, expect, test } from "vitest";
import { configFolder } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import { runCli } from "./run-cli.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

const digits = { type: "regex", regex: "\\d+", target: "${event.payload.n}" };
const rule = { constraint: { WHERE: digits }, actions: [] };
const FILES = {
  "processing-trees/main.yaml": {
    name: "main",
    type: "filter",
    nodes: [
      { name: "first", type: "ruleset", ruleset: "a" },
      { name: "second", type: "ruleset", ruleset: "a" },
      { name: "inline", type: "ruleset", rules: [{ name: "x", ...rule }] },
    ],
  },
  "rules/a/010_cheap.yaml": { actions: [] },
  "rules/a/020_digits.yaml": rule,
};

async function run(args: readonly string[], files: Readonly<Record<string, unknown>> = FILES) {
  folder?.remove();
  folder = configFolder(files);
  const host = testHost({ cwd: folder.dir });
  return { code: await runCli(args, host), ...host.written };
}

describe("check --cost", () => {
  test("warns once of each expensive rule, where it is written", async () => {
    const { code, out } = await run(["check", "--cost"]);
    expect(code).toBe(0);
    expect(out.match(/^\S+ warning .*$/gm)).toEqual([
      expect.stringMatching(
        /^processing-trees\/main\.yaml:\d+:\d+ warning expensive-rule: the rule x is tested for every/,
      ),
      expect.stringMatching(
        /^rules\/a\/020_digits\.yaml:3:12 warning expensive-rule: the rule digits is tested for every/,
      ),
    ]);
  });

  test("of folders without a tree", async () => {
    const { out } = await run(["check", "--cost"], { "rules/b/010_digits.yaml": rule, "rules/a/010_other.yaml": rule });
    expect(out.match(/^rules\S+ warning/gm)).toEqual([
      "rules/a/010_other.yaml:3:12 warning",
      "rules/b/010_digits.yaml:3:12 warning",
    ]);
  });

  test("fails with --strict, and says nothing without --cost", async () => {
    expect(await run(["check", "--cost", "--strict"])).toMatchObject({ code: 1 });
    expect(await run(["check", "--strict"])).toMatchObject({ code: 0, out: expect.stringMatching(/^no problems/) });
  });
});

describe("explain --plan", () => {
  test("prints how rules are found", async () => {
    expect(await run(["explain", "--plan"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^ruleset root\.main\.first: 2 rules\n {2}for every event\n {4}digits: tested always, about 400 ns: [^\n]+\n {4}cheap: /,
      ),
    });
  });

  test.each([
    ["an event is not looked at", ["explain", "--plan", "event.json"], "--plan needs no event"],
    ["one of both is needed", ["explain"], "missing required argument 'event'"],
  ])("%s", async (_, args, message) => {
    const { code, err } = await run(args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});
