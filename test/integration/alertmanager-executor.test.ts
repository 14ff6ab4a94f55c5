import { afterAll, describe, expect, test } from "vitest";
import { request } from "undici";
import { alertmanager } from "../../src/executors/alertmanager.ts";
import type { Outcome } from "../../src/core/delivery/outcome.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { createTestExecutor } from "../kit/describe-executor.ts";
import { httpSink } from "../kit/http-sink.ts";
import { startServices } from "../services/service.ts";

/** Where Alertmanager sends its notifications. */
const receiver = await httpSink();
const CONFIG = `
route: {receiver: sink, group_by: ["..."], group_wait: 0s, group_interval: 100ms, repeat_interval: 1h}
receivers:
  - name: sink
    webhook_configs: [{url: "${receiver.url}/", send_resolved: true}]
`;
const [first, second] = await startServices(["alertmanager", {}, CONFIG], ["alertmanager"]);
const urls = [first, second].map(({ info }) => info["url"] ?? "http://127.0.0.1:1");
const made: { close?(): Promise<void> }[] = [];
afterAll(async () => {
  for (const executor of made) await executor.close?.();
  await Promise.all([first, second].map((service) => service.remove()));
  await receiver.close();
});

interface Shown extends JsonObject {
  readonly labels: JsonObject;
  readonly startsAt: string;
  readonly endsAt: string;
}
/** The alerts that Alertmanager shows: those that fire. */
const shownAt = async (url: string, name: string): Promise<readonly Shown[]> => {
  const { statusCode, body } = await request(`${url}/api/v2/alerts?filter=alertname%3D${name}`);
  expect(statusCode).toBe(200);
  return (await body.json()) as readonly Shown[];
};
/** The executor's clock stands still, so what it is told of a time is now, in the time of Alertmanager. */
const send = async (payload: JsonObject, options: object = {}): Promise<Outcome> => {
  const executor = createTestExecutor(alertmanager, { url: urls[0], ...options });
  made.push(executor.executor);
  await executor.clock.advance(Date.now() - executor.clock.nowMs());
  return executor.run(payload, { eventMs: Date.now() - 1000 });
};
const notified = async (status: string, name: string): Promise<JsonObject> => {
  const isIt = (body: string): boolean => body.includes(`"status":"${status}"`) && body.includes(`"${name}"`);
  for (let count = 0; ; count++) {
    await receiver.received(count);
    const found = receiver.requests.slice(0, count).find(({ body }) => isIt(body));
    if (found) return JSON.parse(found.body) as JsonObject;
  }
};

describe.skipIf(first.missing ?? second.missing)("alertmanager executor against Alertmanager", () => {
  test("an alert fires, is updated by a repeat, and is resolved", async () => {
    const labels = { alertname: "service_stopped", "host.name": "h1", empty: "" };
    const annotations = { summary: "Print Spooler stopped" };
    expect(await send({ labels, annotations, generatorURL: "https://squall.example.com/" })).toEqual({
      kind: "delivered",
    });
    const [fired, ...others] = await shownAt(urls[0]!, "service_stopped");
    expect(others).toEqual([]);
    expect(fired).toMatchObject({
      labels: { alertname: "service_stopped", host_name: "h1" },
      annotations,
      generatorURL: "https://squall.example.com/",
      status: { state: "active" },
    });
    expect(Date.parse(fired!.endsAt) - Date.now()).toBeGreaterThan(86_000_000);
    expect(await notified("firing", "service_stopped")).toMatchObject({ alerts: [{ status: "firing", annotations }] });

    expect(await send({ labels, annotations: { summary: "still stopped" } })).toEqual({ kind: "delivered" });
    const again = await shownAt(urls[0]!, "service_stopped");
    expect(again).toMatchObject([{ annotations: { summary: "still stopped" }, startsAt: fired!.startsAt }]);

    expect(await send({ status: "resolved", labels })).toEqual({ kind: "delivered" });
    expect(await shownAt(urls[0]!, "service_stopped")).toEqual([]);
    const resolved = await notified("resolved", "service_stopped");
    expect(resolved).toMatchObject({ alerts: [{ status: "resolved", labels: { host_name: "h1" } }] });
  });

  test("labels that are sent as they are may be refused", async () => {
    const payload = { labels: { alertname: "refused", "host.name": "h1" } };
    expect(await send(payload, { label_names: "any" })).toMatchObject({
      kind: "reject",
      reason: expect.stringContaining("400"),
      response: expect.stringContaining("host.name"),
    });
    expect(await shownAt(urls[0]!, "refused")).toEqual([]);
  });

  test("every member of a cluster is sent the alert, and one that is away does not hold it", async () => {
    const options = { url: urls };
    expect(await send({ labels: { alertname: "everywhere" } }, options)).toEqual({ kind: "delivered" });
    for (const url of urls) expect(await shownAt(url, "everywhere")).toHaveLength(1);
    await second.stop();
    expect(await send({ labels: { alertname: "one_away" } }, options)).toMatchObject({
      kind: "delivered",
      note: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await shownAt(urls[0]!, "one_away")).toHaveLength(1);
    await first.stop();
    expect(await send({ labels: { alertname: "all_away" } }, options)).toMatchObject({ kind: "unavailable" });
  });
});
