import { describe, expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { applyOverrides } from "./overrides.ts";

const file: Json = { ingest: { port: 8080, host: "127.0.0.1" } };

describe("values", () => {
  test.each<[string, Json]>([
    ["ingest.port=8090", { ingest: { port: 8090, host: "127.0.0.1" } }],
    ["ingest.host=::1", { ingest: { port: 8080, host: "::1" } }],
    ["log.level=debug", { ...file, log: { level: "debug" } }],
    ["a.b=true", { ...file, a: { b: true } }],
    ["a.b=null", { ...file, a: { b: null } }],
    ["a.b=", { ...file, a: { b: null } }],
    ['a.b="8090"', { ...file, a: { b: "8090" } }],
    ["a.b=x=y", { ...file, a: { b: "x=y" } }],
    ["a.b=c: d", { ...file, a: { b: "c: d" } }], // text, not an object
    ["a.b=- c", { ...file, a: { b: "- c" } }],
    ["a.b=[c, 1]", { ...file, a: { b: ["c", 1] } }],
    ["a.b={c: 1}", { ...file, a: { b: { c: 1 } } }],
    ["a.b=*c", { ...file, a: { b: "*c" } }],
    ["a.b=9007199254740993", { ...file, a: { b: 9007199254740993n } }],
    ["ingest=off", { ingest: "off" }],
    ["ingest.port.deeper=1", { ingest: { port: { deeper: 1 }, host: "127.0.0.1" } }],
  ])("%s", (argument, expected) => {
    const { value, diagnostics } = applyOverrides(file, [argument]);
    expect(diagnostics).toEqual([]);
    expect(value).toEqual(expected);
    expect(file).toEqual({ ingest: { port: 8080, host: "127.0.0.1" } });
  });

  test("a later one wins", () => {
    expect(applyOverrides({}, ["a.b=1", "a.b=2", "a.c=3"]).value).toEqual({ a: { b: 2, c: 3 } });
  });

  test("a key of the language's own is a key", () => {
    const { value } = applyOverrides({}, ["__proto__.polluted=1"]);
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

test.each(["ingest.port", "", "=1", ".a=1", "a..b=1", "a b=1"])("%j sets nothing", (argument) => {
  const { value, diagnostics } = applyOverrides(file, [argument]);
  expect(value).toEqual(file);
  expect(diagnostics).toMatchObject([{ code: "bad-override", file: "--set" }]);
});

test("a list that does not close is told", () => {
  expect(applyOverrides(file, ["a.b=[c"]).diagnostics).toMatchObject([{ code: "bad-override", file: "--set a.b" }]);
});

describe("what is wrong is told where it was set", () => {
  const { elsewhere } = applyOverrides(file, ["ingest.port=x", "ingset.port=1", "admin.tls.cert_file=a"]);
  test.each<[(string | number)[], "value" | "key", ReturnType<typeof elsewhere>]>([
    [["ingest", "port"], "value", { file: "--set ingest.port", line: 1, column: 19 }],
    [["ingest", "host"], "value", undefined],
    [["ingest"], "value", undefined], // there in the file
    [[], "value", undefined],
    [["ingset"], "key", { file: "--set ingset.port", line: 1, column: 7 }],
    [["admin", "tls"], "value", { file: "--set admin.tls.cert_file", line: 1, column: 7 }],
    [["store"], "value", undefined],
  ])("%j %s", (path, what, expected) => {
    expect(elsewhere(path, what)).toEqual(expected);
  });
});
