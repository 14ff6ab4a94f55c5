/** What holds of every folder of `examples/`, without anything that has to run: it is sound, and its README tells all of it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { testHost } from "../kit/test-host.ts";

const examples = readdirSync("examples", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const read = (file: string): string => readFileSync(file, "utf8");

async function run(...args: string[]) {
  const host = testHost({ cwd: process.cwd() });
  return { code: await runCli(args, host), ...host.written };
}

test("examples/README.md names every folder, and no other", () => {
  const named = [...read("examples/README.md").matchAll(/^\| \[([\w-]+)\]\(\1\/\)/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(examples.toSorted());
});

describe.each(examples)("examples/%s", (name) => {
  const dir = join("examples", name);
  const configuration = ["config", "collectors", "processing-trees", "rules"].flatMap((folder) =>
    existsSync(join(dir, folder)) ? filesBelow(join(dir, folder)) : [],
  );
  const readme = (): string => read(join(dir, "README.md"));

  test("passes check --strict with nothing in the environment", async () => {
    const { code, out, err } = await run("check", "--strict", "--config-dir", dir);
    expect(out).toMatch(/^no problems; \d+ collectors?, \d+ rules?, /);
    expect([code, err]).toEqual([0, ""]);
  });

  test("its rules have tests, which pass", async () => {
    const { code, out, err } = await run("test", "--config-dir", dir);
    expect(out).toMatch(/\n\d+ passed, 0 failed\n$/);
    expect([code, err]).toEqual([0, ""]);
    for (const file of configuration.filter((each) => each.includes("/rules/")))
      expect(read(file)).toContain("\ntests:");
  });

  test("holds no secret: every credential comes from the environment", () => {
    const secrets = /(password|token|_key|url): *(?!"\$\{env:)(?!.*change-me)(?!["{]?\$\{event)\S/;
    for (const file of configuration.filter((each) => !each.includes("/rules/")))
      for (const line of read(file).split("\n")) expect(line).not.toMatch(secrets);
  });

  test("its README names every variable that it reads, and its links lead somewhere", () => {
    const variables = configuration.flatMap((file) =>
      [...read(file).matchAll(/\$\{env:(\w+)/g)].map(([, found]) => found),
    );
    for (const variable of variables) expect(readme()).toContain(variable);
    const links = [...readme().matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    for (const link of links) expect(existsSync(join(dir, link)), link).toBe(true);
    // A file beside the folders of the configuration is the sender's or the target's: the README says what to do with it.
    for (const { name: file } of readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isFile()))
      if (file !== "README.md") expect(links).toContain(file);
  });

  test("the commands of its README are about this folder", () => {
    const folders = [...readme().matchAll(/--config-dir (\S+)/g)].map(([, folder]) => folder!.replace(/\W+$/, ""));
    expect(new Set(folders)).toEqual(new Set([dir]));
  });

  test("its rules name their schema for editors, by the right path", () => {
    for (const file of configuration.filter((each) => each.includes("/rules/"))) {
      const schema = /^# yaml-language-server: \$schema=(\S+)/.exec(read(file))?.[1] ?? "";
      expect(existsSync(join(file, "..", schema)), file).toBe(true);
      expect(schema).toContain("rule.schema.json");
    }
  });
});
