/** The command as it is started, in processes of its own. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { configFolder } from "../kit/squall-process.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

const squall = (args: readonly string[], options: { node?: readonly string[]; input?: string } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), "bin/squall.mjs", ...args], {
    encoding: "utf8",
    input: options.input ?? "",
    env: { ...process.env, NO_COLOR: undefined },
  });
  return { status, stdout, stderr };
};

test.each([
  ["20.20.2", 3],
  ["24.20.9", 3],
  ["24.21.0", 0],
  ["26.0.0", 0],
])("on Node %s: exit %d, an older one told in one line", (version, status) => {
  folder = configFolder({});
  const pretend = join(folder.dir, "pretend.cjs");
  writeFileSync(
    pretend,
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`,
  );
  const ran = squall(["--help"], { node: ["--require", pretend] });
  expect(ran.status).toBe(status);
  if (status === 0) expect(ran.stdout).toContain("Usage: squall");
  else
    expect(ran).toEqual({ status, stdout: "", stderr: `squall: found Node ${version}, needs Node 24.21 or later\n` });
});

test("only the one warning is hidden", () => {
  folder = configFolder({});
  const warn = join(folder.dir, "warn.cjs");
  writeFileSync(
    warn,
    `setTimeout(() => { process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning"); process.emitWarning("something else", "ExperimentalWarning"); }, 1);`,
  );
  const { stderr } = squall(["replay", "--tree", "none", "-"], { node: ["--require", warn] });
  expect(stderr).not.toContain("SQLite");
  expect(stderr).toContain("something else");
});

test("exit codes and streams of a real process: replay of standard input, twice the same", () => {
  folder = configFolder({ "tree.yaml": { name: "t", type: "filter", nodes: [] } });
  const args = ["replay", "--tree", join(folder.dir, "tree.yaml"), "-"];
  const first = squall(args, { input: '{"type":"a","payload":{}}\nnot json\n' });
  expect([first.status, first.stderr]).toEqual([1, ""]);
  expect(first.stdout.split("\n")[0]).toBe(
    '{"event":{"id":"line-1","type":"a","created_ms":0},"matches":[],"alerts":[]}',
  );
  expect(squall(args, { input: '{"type":"a","payload":{}}\nnot json\n' })).toEqual(first);
  expect(squall(["nonsense"]).status).toBe(2);
});

test("a reader that has enough ends it quietly", () => {
  folder = configFolder({ "tree.yaml": { name: "t", type: "filter", nodes: [] } });
  const lines = '{"type":"a","payload":{}}\n'.repeat(20_000);
  const command = `${process.execPath} bin/squall.mjs replay --tree ${folder.dir}/tree.yaml - | head -n 1`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8", input: lines });
  expect({ status, stderr, lines: stdout.split("\n").length }).toEqual({ status: 0, stderr: "", lines: 2 });
});
