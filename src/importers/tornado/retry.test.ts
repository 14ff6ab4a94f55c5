import { expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { issueSink, type Issue } from "../../core/diagnostic.ts";
import { readRetry } from "../../core/rule/retry-settings.ts";
import { createReport } from "./report.ts";
import { readRetryStrategy } from "./retry.ts";
import type { SourceFiles } from "./source-files.ts";
import { readToml } from "./toml-file.ts";

function strategy(policy: string | null, backoff = '{type = "None"}') {
  const lines =
    policy === null ? [] : [`retry_strategy.retry_policy = ${policy}`, `retry_strategy.backoff_policy = ${backoff}`];
  const text = ["[tornado.daemon]", ...lines].join("\n");
  // Only these two are asked of it.
  const files = { isFile: () => true, read: () => ({ ok: true, value: text }) } as unknown as SourceFiles;
  const report = createReport();
  const retry = readRetryStrategy(readToml(files, "tornado.toml", report)!, report);
  return { retry, ...report.done([]) };
}

test.each<[string | null, string | undefined, Json]>([
  [
    null,
    undefined,
    {
      max_age: "583h",
      max_attempts: 21,
      backoff: { type: "exponential", initial: "1s", multiplier: 2, max: "524288s", jitter: 0 },
    },
  ],
  [
    '{type = "MaxRetries", retries = 20}',
    '{type = "Fixed", ms = 1500}',
    { max_age: "1d", max_attempts: 21, backoff: { type: "fixed", delay: "1500ms" } },
  ],
  [
    '{type = "MaxRetries", retries = 0}',
    '{type = "Fixed", ms = 0}',
    { max_age: "1d", max_attempts: 1, backoff: { type: "fixed", delay: "0ms" } },
  ],
  [
    '{type = "None"}',
    '{type = "Variable", ms = [1000, 60000]}',
    { max_age: "1d", max_attempts: 1, backoff: { type: "list", delays: ["1s", "1m"] } },
  ],
  [
    '{type = "Infinite"}',
    '{type = "Variable", ms = []}',
    { max_age: "3650d", max_attempts: "none", backoff: { type: "fixed", delay: "0ms" } },
  ],
  [
    '{type = "Infinite"}',
    '{type = "Exponential", ms = 500, multiplier = 10}',
    {
      max_age: "3650d",
      max_attempts: "none",
      backoff: { type: "exponential", initial: "500ms", multiplier: 10, max: "1d", jitter: 0 },
    },
  ],
])("%s with %s", (policy, backoff, expected) => {
  const { retry, refused } = strategy(policy, backoff);
  expect(refused).toEqual([]);
  expect(retry).toEqual(expected);
  const issues: Issue[] = [];
  readRetry(retry!, issueSink(issues));
  expect(issues).toEqual([]);
});

test.each([
  ['{type = "Sometimes"}', undefined],
  ['{type = "MaxRetries", retries = -1}', undefined],
  ['{type = "Infinite"}', '{type = "Exponential", ms = 1000, multiplier = 0}'],
  ['{type = "Infinite"}', '{type = "Variable", ms = [-1]}'],
  ['{type = "Infinite"}', '{type = "Fixed"}'],
])("%s with %s is refused", (policy, backoff) => {
  const { retry, refused } = strategy(policy, backoff);
  expect(retry).toBeUndefined();
  expect(refused).toHaveLength(1);
});
