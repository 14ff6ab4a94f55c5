import { expect, test } from "vitest";
import { mayPass } from "./may-pass.ts";

test.each([
  ["GET", "/", true],
  ["HEAD", "/", true],
  ["GET", "/_license", true],
  ["GET", "/_cluster/health", true],
  ["PUT", "/_cluster/settings", false],
  ["PUT", "/_index_template/t", true],
  ["DELETE", "/_index_template/t", false],
  ["POST", "/_ingest/pipeline/_simulate", false],
  ["PUT", "/logs-000001", true],
  ["DELETE", "/logs", false],
  ["POST", "/logs/_close", false],
  ["GET", "/logs/_search", false],
  ["POST", "/logs/_delete_by_query", false],
  ["PUT", "/logs/_settings", false],
  ["PUT", "/logs/_alias/a", true],
  ["GET", "/_search", false],
  ["GET", "/_security/user", false],
  ["PUT", "/_snapshot/r", false],
])("%s %s with credentials that are not the sender's: %s", (method, path, expected) => {
  const segments = path.split("/").filter((part) => part !== "");
  expect(mayPass(method, segments, false)).toBe(expected);
  expect(mayPass(method, segments, true)).toBe(true);
});
