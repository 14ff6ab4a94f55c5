import { expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY } from "../../test/kit/describe-executor.ts";
import { logger } from "./logger.ts";

describeExecutor(logger, { options: () => ({ level: "warn" }), payload: () => ({ text: "x" }), badPayloads: {} });

test("one line holds the rule, the event and the payload", async () => {
  const { run, logged } = createTestExecutor(logger, {}, { secrets: [new Secret("s3cret")] });
  expect(await run({ text: "the s3cret", n: 1 })).toEqual({ kind: "delivered" });
  expect(logged.map((line) => JSON.parse(line))).toEqual([
    {
      rule: "root.windows.services.service_stopped",
      event_id: "event-1",
      delivery: EXAMPLE_KEY,
      payload: { text: "the ***", n: 1 },
      message: "action",
    },
  ]);
});
