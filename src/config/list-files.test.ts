import { expect, test } from "vitest";
import { configFolder } from "../../test/kit/squall-process.ts";
import { evaluator } from "../core/match/evaluate.ts";
import { loadConfiguration } from "./load.ts";

const rule = {
  constraint: { WHERE: { type: "in", first: "${event.payload.ip}", second: { file: "lists/bad.txt" } } },
  actions: [],
};
const event = (ip: string) => ({ id: "e", type: "t", created_ms: 1, payload: { ip }, metadata: {}, trace_id: null });

test("a rule's list is read from its file, and counts in the hash", async () => {
  const folder = configFolder({ "rules/a/010_bad.json": rule, "lists/bad.txt": "192.0.2.1\r\n\n192.0.2.2\n" });
  const load = () => loadConfiguration({ dir: folder.dir, env: {} });
  const { plan } = await load();
  const hits = (ip: string) => evaluator(plan!.tree).match(event(ip)).length;
  expect(["192.0.2.1", "192.0.2.2", "192.0.2.3", ""].map(hits)).toEqual([1, 1, 0, 0]);
  folder.write("lists/bad.txt", "192.0.2.3\n");
  expect((await load()).plan!.hash).not.toBe(plan!.hash);
  folder.remove();
});

test("a list that is not there is a mistake with its place", async () => {
  const folder = configFolder({ "rules/a/010_bad.json": rule });
  const { plan, diagnostics } = await loadConfiguration({ dir: folder.dir, env: {} });
  expect(plan).toBeNull();
  expect(diagnostics).toMatchObject([
    { code: "missing-file", file: "rules/a/010_bad.json", path: ["constraint", "WHERE", "second", "file"] },
  ]);
  folder.remove();
});
