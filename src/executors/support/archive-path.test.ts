import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { archivePath } from "./archive-path.ts";

const options = {
  base_path: "/base/",
  default_path: "default.log",
  paths: { one: "/dir/one.log", host: "${hostname}/${file}.log", any: "${path}", own: "${archive_type}.log" },
};

describe("archivePath", () => {
  test.each<[JsonObject, string]>([
    [{}, "/base/default.log"],
    [{ archive_type: "one" }, "/base/dir/one.log"],
    [{ archive_type: "host", hostname: "h1", file: "x" }, "/base/h1/x.log"],
    [{ archive_type: "host", hostname: "a/b", file: "x" }, "/base/a/b/x.log"],
    [{ archive_type: "own" }, "/base/own.log"],
    [{ archive_type: "any", path: "/etc/passwd" }, "/base/etc/passwd"],
    [{ archive_type: "any", path: "a//./b" }, "/base/a/b"],
    [{ archive_type: "any", path: "${hostname}", hostname: "h" }, "/base/${hostname}"],
    [{ archive_type: "any", path: "a..b" }, "/base/a..b"],
    [{ archive_type: 5 }, "/base/default.log"],
    [{ archive_type: null }, "/base/default.log"],
  ])("%j is %s", (payload, path) => expect(archivePath(payload, options)).toEqual({ ok: true, value: path }));

  test.each<[JsonObject, string]>([
    [{ archive_type: "ones" }, 'payload.archive_type: "ones" has no entry in the option paths; did you mean "one"'],
    [{ archive_type: "" }, 'payload.archive_type: "" has no entry in the option paths'],
    [{ archive_type: "constructor" }, 'payload.archive_type: "constructor" has no entry in the option paths'],
    [
      { archive_type: "host", hostname: "h1" },
      'payload: the path "${hostname}/${file}.log" needs a text under the key "file"',
    ],
    [
      { archive_type: "host", hostname: 5, file: "x" },
      'payload: the path "${hostname}/${file}.log" needs a text under the key "hostname"',
    ],
    ...["..", "../x", "a/../../x", "a/..", "\\..\\x", "a\\..", "/../x", "..x"].map((path): [JsonObject, string] => [
      { archive_type: "any", path },
      `payload: the path ${JSON.stringify(path)} is not allowed`,
    ]),
    [{ archive_type: "any", path: "a\0b" }, 'payload: the path "a\\u0000b" is not allowed'],
    ...["", ".", "/", "a/"].map((path): [JsonObject, string] => [
      { archive_type: "any", path },
      `payload: the path ${JSON.stringify(path)} names no file below the base path`,
    ]),
  ])("%j has none", (payload, error) => expect(archivePath(payload, options)).toEqual({ ok: false, error }));
});
