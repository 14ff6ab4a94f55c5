import { expect, test } from "vitest";
import { createTestExecutor, describeExecutor } from "../../test/kit/describe-executor.ts";
import { httpSink } from "../../test/kit/http-sink.ts";
import { slack } from "./slack.ts";

describeExecutor(slack, {
  options: (url) => ({ url: `${url}/services/T0/B0/the-token` }),
  payload: () => ({ text: "x" }),
  badPayloads: {
    "nothing to say": { channel: "#alerts" },
    "too many blocks": { blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) },
    "block without type": { blocks: [{ text: "x" }] },
  },
  http: { secrets: ["the-token", "services/T0/B0/the-token"] },
});

test("text, blocks and other keys are sent as they are", async () => {
  const sink = await httpSink();
  sink.respond({ status: 200, body: "ok" });
  const { run, executor } = createTestExecutor(slack, { url: `${sink.url}/services/a/b?c=d` });
  const message = { text: "x", blocks: [{ type: "divider" }], unfurl_links: false };
  expect(await run(message)).toEqual({ kind: "delivered" });
  expect(sink.requests[0]).toMatchObject({ method: "POST", path: "/services/a/b?c=d", body: JSON.stringify(message) });
  await executor.close?.();
  await sink.close();
});

test.each([["not a url"], ["ftp://hooks.slack.com/x"], [""]])("url refused: %j", (url) => {
  expect(slack.options.safeParse({ url }).success).toBe(false);
});
