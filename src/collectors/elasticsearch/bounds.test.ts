/** What senders can make the look-alike keep is bounded. */
import { expect, test } from "vitest";
import { aliasesOf, createCatalogue, setAlias } from "./catalogue.ts";
import { createClusterAccess } from "./cluster-access.ts";
import { createExpectedRepeats, fingerprintOf } from "./expected-repeats.ts";
import type { HttpRequest } from "../../component/http-mount.ts";
import { ok } from "../../core/result.ts";

test("the catalogue: what was put first goes first, by number and by size", () => {
  const catalogue = createCatalogue({ maxEntries: 3, maxBytes: 200 });
  const names = () => catalogue.find("template").map(([name]) => name);
  for (const name of ["a", "b", "c", "d"]) catalogue.put("template", name, {});
  expect(names()).toEqual(["b", "c", "d"]);
  catalogue.put("template", "b", { again: true });
  catalogue.put("template", "e", {});
  expect(names()).toEqual(["d", "b", "e"]);
  catalogue.put("template", "large", { text: "x".repeat(150) });
  expect(names()).toEqual(["e", "large"]);
  catalogue.put("template", "huge", { text: "x".repeat(500) });
  expect(names()).toEqual([]);
  catalogue.put("template", "a", {});
  expect(names()).toEqual(["a"]);
});

test("kinds are apart; names, lists and patterns find", () => {
  const catalogue = createCatalogue({ maxEntries: 10, maxBytes: 10_000 });
  for (const name of ["logs-1", "logs-2", "other"]) catalogue.put("index", name, {});
  catalogue.put("template", "logs-1", { t: 1 });
  const found = (names?: string) => catalogue.find("index", names).map(([name]) => name);
  expect(found()).toEqual(["logs-1", "logs-2", "other"]);
  expect(found("_all")).toEqual(["logs-1", "logs-2", "other"]);
  expect(found("logs-*")).toEqual(["logs-1", "logs-2"]);
  expect(found("other,logs-1")).toEqual(["logs-1", "other"]);
  expect(found("none")).toEqual([]);
  setAlias(catalogue, "logs-1", "__proto__", { x: 1 });
  expect(aliasesOf(catalogue, "logs-1")).toEqual([{ index: "logs-1", alias: "__proto__", properties: { x: 1 } }]);
  expect(catalogue.remove("index", "logs-1")).toBe(true);
  expect(catalogue.remove("index", "logs-1")).toBe(false);
});

test("expected repeats: the longest expected are forgotten first", () => {
  let now = 0;
  const repeats = createExpectedRepeats({ maxDocuments: 3, forMs: 100 }, () => now);
  for (const name of ["a", "b", "b", "c"]) repeats.expect(name);
  expect(repeats.size).toBe(3);
  expect(["a", "b", "b", "b", "c"].map((name) => repeats.take(name))).toEqual([false, true, true, false, true]);
  repeats.expect("d");
  now = 50;
  repeats.expect("e");
  now = 100;
  expect(repeats.take("d")).toBe(false);
  expect(repeats.size).toBe(1);
  expect(repeats.take("e")).toBe(true);
});

test("a fingerprint is of operation, index, id and content, whatever the order of keys", () => {
  const one = fingerprintOf("create", "i", undefined, { a: 1, b: [{ c: 2, d: 9007199254740993n }] });
  expect(fingerprintOf("create", "i", undefined, { b: [{ d: 9007199254740993n, c: 2 }], a: 1 })).toBe(one);
  const others = [
    fingerprintOf("index", "i", undefined, { a: 1, b: [{ c: 2, d: 9007199254740993n }] }),
    fingerprintOf("create", "j", undefined, { a: 1, b: [{ c: 2, d: 9007199254740993n }] }),
    fingerprintOf("create", "i", "1", { a: 1, b: [{ c: 2, d: 9007199254740993n }] }),
    fingerprintOf("create", "i", undefined, { a: 1, b: [{ c: 2, d: 9007199254740992n }] }),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});

test("OpenSearch is asked in its own way when it knows no Elasticsearch security", async () => {
  const asked: string[] = [];
  const access = createClusterAccess(
    async (_, path) => {
      asked.push(path);
      return ok({ status: path.startsWith("/_plugins") ? 200 : 400 });
    },
    () => 0,
  );
  // All that is looked at.
  const request = { headers: { authorization: "Basic x" } } as unknown as HttpRequest;
  expect(await access(request)).toEqual({ kind: "granted" });
  expect(asked).toEqual(["/_security/_authenticate", "/_plugins/_security/authinfo"]);
});
