import { expect, test } from "vitest";
import { workerUrl } from "./worker-url.ts";

test.each([
  ["file:///app/src/storage/sqlite-store.ts", "file:///app/src/storage/w.ts"],
  ["file:///app/dist/storage/sqlite-store.js", "file:///app/dist/storage/w.js"],
  ["file:///app/a%20b/x.js?query", "file:///app/a%20b/w.js"],
])("beside %s", (caller, expected) => {
  expect(workerUrl("w", caller).href).toBe(expected);
});
