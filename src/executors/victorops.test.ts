import { expect, test } from "vitest";
import { createTestExecutor, describeExecutor } from "../../test/kit/describe-executor.ts";
import { httpSink } from "../../test/kit/http-sink.ts";
import { victorops } from "./victorops.ts";

const payload = { message_type: "CRITICAL", entity_id: "h1/eventlog", host: "h1" };

describeExecutor(victorops, {
  options: (url) => ({ url, api_key: "key/of the service" }),
  payload: () => payload,
  badPayloads: {
    "no entity_id": { message_type: "CRITICAL" },
    "unknown message_type": { ...payload, message_type: "critical" },
    "time as text": { ...payload, state_start_time: "now" },
  },
  http: { secrets: ["key/of the service"] },
});

test("the request is the documented one, and other keys go with it", async () => {
  const sink = await httpSink();
  sink.respond({ status: 200, body: '{"result":"success","entity_id":"h1/eventlog"}' });
  const { run, executor } = createTestExecutor(victorops, {
    url: `${sink.url}/alert/`,
    api_key: "k/1",
    routing_key: "my team",
  });
  expect(await run(payload)).toEqual({ kind: "delivered" });
  expect(sink.requests[0]).toMatchObject({ method: "POST", path: "/alert/k%2F1/my%20team" });
  expect(JSON.parse(sink.requests[0]!.body)).toEqual({ monitoring_tool: "squall", ...payload });

  sink.respond({ status: 200, body: '{"result":"failure","message":"no such key k/1"}' });
  expect(await run(payload)).toMatchObject({ kind: "reject", reason: expect.stringContaining("no such key ***") });
  await executor.close?.();
  await sink.close();
});
