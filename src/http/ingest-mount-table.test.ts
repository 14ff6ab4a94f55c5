import { expect, test } from "vitest";
import type { HttpReply, HttpRequest } from "../component/http-mount.ts";
import { createMountTable } from "./ingest-mount-table.ts";

const named = (name: string) => async (): Promise<HttpReply> => ({ status: 200, body: name });
const request = {} as HttpRequest; // these handlers do not look at it

test("exact before prefix, longer before shorter, newest first", async () => {
  const table = createMountTable();
  const serving = async (path: string) => (await table.find(path)?.(request))?.body;
  const down = [
    table.mount("/es/*", named("prefix")),
    table.mount("/es/deep/*", named("deeper")),
    table.mount("/es/exact", named("exact")),
  ];
  expect(await serving("/es")).toBe("prefix");
  expect(await serving("/es/")).toBe("prefix");
  expect(await serving("/es/_bulk")).toBe("prefix");
  expect(await serving("/es/deep/x")).toBe("deeper");
  expect(await serving("/es/exact")).toBe("exact");
  expect(await serving("/es/ex%61ct")).toBe("exact");
  expect(await serving("/esx")).toBeUndefined();
  expect(await serving("/%zz")).toBeUndefined();

  const second = table.mount("/es/exact", named("newer"));
  expect(await serving("/es/exact")).toBe("newer");
  down[2]!();
  down[2]!();
  expect(await serving("/es/exact")).toBe("newer");
  second();
  expect(await serving("/es/exact")).toBe("prefix");
  for (const takeDown of down) takeDown();
  expect(await serving("/es/_bulk")).toBeUndefined();
});

test("one handler mounted twice is taken down once at a time", async () => {
  const table = createMountTable();
  const handler = named("same");
  const first = table.mount("/a", handler);
  table.mount("/a", handler);
  first();
  expect(table.find("/a")).toBeDefined();
});
