import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { configFolder } from "../../../test/kit/squall-process.ts";
import { loadConfiguration } from "../../config/load.ts";
import { importTornado } from "./import-tornado.ts";
import { printReport } from "./print-report.ts";

const FIXTURES = resolve("test/fixtures/tornado-install");

const made: string[] = [];
afterEach(() => made.splice(0).forEach((dir) => rmSync(dir, { recursive: true, force: true })));

const newFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "squall-import-"));
  made.push(dir);
  return dir;
};

const load = async (dir: string, variables: readonly string[]) =>
  (await loadConfiguration({ dir, env: Object.fromEntries(variables.map((name) => [name, "x"])) })).diagnostics;

async function importOf(source: string) {
  const out = newFolder();
  const report = await importTornado({ source: join(FIXTURES, source), out }, { load });
  return { out, report };
}

function filesOf(dir: string): string {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter((name) => statSync(join(dir, name)).isFile())
    .map((name) => `\n=== ${name}\n${readFileSync(join(dir, name), "utf8")}`)
    .join("");
}

describe("what is made of an installation", () => {
  test.each(["v2", "v1", "export", "refused"])("%s", async (name) => {
    const { out, report } = await importOf(name);
    const text = `${printReport(report)}${filesOf(out)}`;
    expect(text).not.toContain("s3cret");
    await expect(text).toMatchFileSnapshot(join(FIXTURES, "expected", `${name}.txt`));
  });

  test("one exported tree", async () => {
    const { out, report } = await importOf("export/root-1.0.json");
    expect(report.refused).toEqual([]);
    expect(readdirSync(join(out, "processing-trees"))).toEqual(["010_rules.json"]);
  });

  test.each([
    ["v2/tornado", { targets: ["config/squall.yaml#executors.icinga2"], without: "collectors/eventlog.json" }],
    ["v2/tornado/rules.d", { targets: ["rules/services/000010_stopped.json"], without: "config/squall.yaml#ingest" }],
    [
      "v2/tornado_webhook_collector",
      { targets: ["collectors/eventlog.json"], without: "processing-trees/010_windows.json" },
    ],
    ["v1/node_a", { targets: ["rules/root/000010_first.json", "processing-trees/010_root.json"], without: "" }],
    ["v1/node_b", { targets: ["processing-trees/010_inner.json"], without: "processing-trees/010_root.json" }],
  ])("a part alone: %s", async (source, { targets, without }) => {
    const { report } = await importOf(source);
    const mapped = report.mapped.map(({ target }) => target);
    expect(mapped).toEqual(expect.arrayContaining(targets));
    expect(mapped).not.toContain(without);
  });

  test("rules and webhooks are copied as they are, tokens for their owner only", async () => {
    const { out } = await importOf("v2");
    const same = (written: string, source: string): void =>
      expect(readFileSync(join(out, written), "utf8")).toBe(readFileSync(join(FIXTURES, "v2", source), "utf8"));
    same("rules/services/000010_stopped.json", "tornado/rules.d/0_windows/services/rules/0000000000_stopped.json");
    same("collectors/eventlog.json", "tornado_webhook_collector/webhooks/eventlog.json");
    expect(statSync(join(out, "collectors/eventlog.json")).mode & 0o777).toBe(0o600);
  });

  test("links are followed to webhooks, not to rules", async () => {
    const folder = configFolder({
      "data.json": { id: "a", token: "t", collector_config: { event_type: "a", payload: {} } },
      "rules.d/version.json": { version: "2.0" },
      "rules.d/rs/ruleset.json": { type: "ruleset", name: "rs" },
      "rules.d/rs/rules/1.json": {
        name: "one",
        description: "",
        continue: true,
        active: true,
        constraint: { WITH: {} },
        actions: [],
      },
      "webhooks/README": "",
    });
    made.push(folder.dir);
    rmSync(join(folder.dir, "webhooks/README"));
    symlinkSync("../data.json", join(folder.dir, "webhooks/a.json"));
    symlinkSync("1.json", join(folder.dir, "rules.d/rs/rules/2.json"));
    const report = await importTornado({ source: folder.dir, out: newFolder() }, { load });
    expect(report.refused).toEqual([]);
    expect(report.mapped.map(({ target }) => target)).toContain("collectors/a.json");
    expect(report.notes.map(({ source }) => source)).toEqual(["rules.d/rs/rules/2.json"]);
  });

  test("what is refused names its file", async () => {
    const { report } = await importOf("refused");
    const refused = (file: string) => report.refused.filter(({ source }) => source === file);
    const rules = "rules.d/rs/rules";
    expect(refused(`${rules}/00_array.json`)[0]?.deviation).toBe(11);
    expect(refused(`${rules}/02_lookaround.json`)[0]?.deviation).toBe(8);
    expect(refused(`${rules}/03_unknown_action.json`)[0]?.deviation).toBe(5);
    expect(refused(`${rules}/04_unquoted.json`)[0]?.deviation).toBe(6);
    expect(refused(`${rules}/05_path_script.json`)[0]?.deviation).toBe(10);
    expect(refused(`${rules}/07_array_operator.json`)[0]?.deviation).toBe(11);
  });
});

describe("what cannot be read", () => {
  test.each([
    ["nowhere", "cannot be read"],
    ["README.md", "is no exported tree"],
    ["", "holds nothing of Tornado"],
  ])("%s", async (name, message) => {
    const out = newFolder();
    const source = name === "" ? newFolder() : join(FIXTURES, name);
    const result = importTornado({ source, out }, { load });
    await expect(result).rejects.toMatchObject({ code: "configuration", message: expect.stringContaining(message) });
    expect(readdirSync(out)).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["an old version", { "rules.d/version.json": '{"version":"1.0"}' }, 'has the version "1.0"; accepted: 2.0'],
    ["a folder of something else", { "a/b.json": "{}", "c.txt": "" }, "holds nothing of Tornado"],
    [
      "two engines",
      { "tornado/tornado.toml": "", "tornado_b/tornado.toml": "" },
      "several folders are those of the engine: tornado, tornado_b",
    ],
  ])("%s", async (_, files, message) => {
    const folder = configFolder(files);
    made.push(folder.dir);
    const result = importTornado({ source: folder.dir, out: newFolder() }, { load });
    await expect(result).rejects.toMatchObject({ code: "configuration", message: expect.stringContaining(message) });
  });

  test("nothing is written over", async () => {
    const result = importTornado({ source: join(FIXTURES, "v2"), out: FIXTURES }, { load });
    await expect(result).rejects.toMatchObject({ code: "bad_request" });
  });
});

test("every deviation has its line in the documentation", () => {
  const page = readFileSync("docs/import-tornado.md", "utf8");
  const numbers = [...page.slice(page.indexOf("## Deviations")).matchAll(/^(\d+)\. /gm)].map(([, n]) => Number(n));
  expect(numbers).toEqual(Array.from({ length: 13 }, (_, at) => at + 1));
});
