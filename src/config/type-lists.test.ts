import { expect, test } from "vitest";
import { collectorList } from "../collectors/list.ts";
import { typeList } from "../component/type-list.ts";
import { executorList } from "../executors/list.ts";
import { normalizerList } from "../normalizers/list.ts";

const namesLoaded = [
  ["collectors", collectorList.names, async () => (await collectorList.loadAll()).map(({ type }) => type)],
  ["executors", executorList.names, async () => (await executorList.loadAll()).map(({ type }) => type)],
  ["normalizers", normalizerList.names, async () => (await normalizerList.loadAll()).map(({ format }) => format)],
] as const;

test.each(namesLoaded)("%s are listed under their own names", async (_, names, loaded) => {
  expect(await loaded()).toEqual(names);
});

test("only what is asked for is loaded", async () => {
  const loaded: string[] = [];
  const list = typeList({ a: async () => loaded.push("a"), b: async () => loaded.push("b") });
  await list.load("b");
  expect(loaded).toEqual(["b"]);
  await list.loadAll();
  expect(loaded).toEqual(["b", "a", "b"]);
});

test.each(["", "c", "constructor", "__proto__"])("there is none of the name %j", async (name) => {
  expect(await typeList({ a: async () => 1 }).load(name)).toBeUndefined();
});
