import { describe, expect, test } from "vitest";
import {
  createTestExecutor,
  describeExecutor,
  EXAMPLE_KEY,
  executorItem,
  type TestExecutor,
} from "../../test/kit/describe-executor.ts";
import { turns } from "../../test/kit/event-loop.ts";
import { fakeKafka } from "../../test/kit/fake-kafka.ts";
import type { ExecutorType } from "../component/define-executor.ts";
import { Secret } from "../component/secret.ts";
import type { JsonObject } from "../core/json.ts";
import { createKafkaExecutor, kafka, type KafkaExecutorOptions } from "./kafka.ts";

const PASSWORD = "s3cret-of-the-producer";
const OPTIONS = { brokers: ["127.0.0.1:9092"], sasl: { mechanism: "plain", username: "u", password: PASSWORD } };

describeExecutor(kafka, {
  options: () => OPTIONS,
  payload: () => ({ topic: "alerts", value: "x" }),
  badPayloads: {
    "no topic": { value: 1 },
    "a topic of other characters": { topic: "a b", value: 1 },
    "a topic that is a folder": { topic: "..", value: 1 },
    "no value": { topic: "alerts" },
    "a key that is an object": { topic: "alerts", value: 1, key: {} },
    "headers that are no text": { topic: "alerts", value: 1, headers: { a: [] } },
    "a partition below zero": { topic: "alerts", value: 1, partition: -1 },
  },
});

function withCluster(options: Record<string, unknown> = {}, more: Parameters<typeof createTestExecutor>[2] = {}) {
  const cluster = fakeKafka();
  const type: ExecutorType = {
    ...kafka,
    // what the schema gave
    create: (read, deps) => createKafkaExecutor(read as KafkaExecutorOptions, deps, cluster.open),
  };
  return { cluster, ...createTestExecutor(type, { ...OPTIONS, ...options }, more) };
}

/** An error of kafkajs: a name, and what the broker called it. */
const failure = (type: string, message = "what the broker says", name = "KafkaJSProtocolError"): Error =>
  Object.assign(new Error(message), { name, type });

describe("records", () => {
  test.each<[string, JsonObject, object]>([
    ["text as it is", { value: "plain" }, { value: "plain", key: null }],
    ["an object as JSON", { value: { a: 12345678901234567890n } }, { value: '{"a":12345678901234567890}' }],
    ["a number as JSON", { value: 5 }, { value: "5" }],
    ["null as none", { value: null, key: "k" }, { value: null, key: "k" }],
    ["a number as key", { value: "", key: 7n }, { value: "", key: "7" }],
    ["a partition", { value: "x", partition: 3 }, { partition: 3 }],
    [
      "headers",
      { value: "x", headers: { a: 1, "squall-key": "forged" } },
      { headers: { a: "1", "squall-key": EXAMPLE_KEY } },
    ],
  ])("%s", async (_, payload, message) => {
    const { cluster, run } = withCluster();
    expect(await run({ topic: "alerts", ...payload })).toEqual({ kind: "delivered" });
    expect(cluster.sent).toMatchObject([{ topic: "alerts", messages: [message] }]);
  });

  test("the sender's trace goes with it", async () => {
    const { cluster, run } = withCluster();
    await run({ topic: "alerts", value: "x" }, { traceparent: "00-trace" });
    expect(cluster.sent[0]!.messages[0]!.headers).toEqual({ "squall-key": EXAMPLE_KEY, traceparent: "00-trace" });
  });

  test("a batch is one request per topic and partition, in order", async () => {
    const { cluster, runBatch } = withCluster(
      { compression: "zstd", create_topics: true },
      { outbound: { timeoutMs: 7000 } },
    );
    const outcomes = await runBatch(
      [
        { topic: "a", value: "1" },
        { topic: "b", value: "2" },
        { topic: "a", value: "3" },
        { topic: "a", value: "4", partition: 1 },
        { topic: "a b", value: "5" },
      ].map((payload) => executorItem(payload)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "delivered", "delivered", "reject"]);
    expect(cluster.sent.map(({ topic, messages }) => [topic, ...messages.map((message) => message.value)])).toEqual([
      ["a", "1", "3"],
      ["b", "2"],
      ["a", "4"],
    ]);
    expect(cluster.producers).toEqual([{ compression: "zstd", createTopics: true, timeoutMs: 7000 }]);
  });

  test.each<[JsonObject, string | null]>([
    [{ key: "h1" }, "h1"],
    [{ key: 7 }, "7"],
    [{ key: null }, null],
    [{}, null],
  ])("the order of %j is %s", (payload, order) => expect(kafka.defaultOrder!({ topic: "a", ...payload })).toBe(order));
});

describe("outcomes", () => {
  test.each<[string, Error, object]>([
    [
      "unknown topic",
      failure("UNKNOWN_TOPIC_OR_PARTITION"),
      { kind: "retry", giveUp: { code: "unknown_topic", forMs: 600_000 } },
    ],
    ["message too large", failure("MESSAGE_TOO_LARGE"), { kind: "reject" }],
    ["topic not allowed", failure("TOPIC_AUTHORIZATION_FAILED"), { kind: "reject" }],
    ["not enough replicas", failure("NOT_ENOUGH_REPLICAS"), { kind: "retry" }],
    [
      "wrong password",
      failure("", "SASL PLAIN authentication failed", "KafkaJSSASLAuthenticationError"),
      { kind: "unavailable" },
    ],
    ["mechanism not offered", failure("UNSUPPORTED_SASL_MECHANISM"), { kind: "unavailable" }],
    [
      "refused connection",
      failure("", "connect ECONNREFUSED 127.0.0.1:9092", "KafkaJSConnectionError"),
      { kind: "unavailable" },
    ],
    ["unknown authority", new Error("unable to verify the first certificate"), { kind: "unavailable" }],
    [
      "given up by kafkajs",
      Object.assign(new Error("outer", { cause: failure("", "connect ENOTFOUND kafka", "KafkaJSConnectionError") }), {
        name: "KafkaJSNumberOfRetriesExceeded",
      }),
      { kind: "unavailable", reason: "no answer from 127.0.0.1:9092: connect ENOTFOUND kafka" },
    ],
    ["anything else", new Error("Something new"), { kind: "retry", reason: "something new" }],
  ])("%s", async (_, error, outcome) => {
    const { cluster, run } = withCluster();
    cluster.onSend(() => error);
    expect(await run({ topic: "alerts", value: "x" })).toMatchObject(outcome);
  });

  test("a connection that fails is made anew for the next delivery", async () => {
    const { cluster, run } = withCluster();
    cluster.failConnect(failure("", `login of ${PASSWORD} failed`, "KafkaJSSASLAuthenticationError"));
    expect(await run({ topic: "alerts", value: "x" })).toEqual({
      kind: "unavailable",
      reason: "the broker refused the login: login of *** failed",
    });
    cluster.failConnect(null);
    expect(await run({ topic: "alerts", value: "x" })).toEqual({ kind: "delivered" });
    await run({ topic: "alerts", value: "x" });
    expect(cluster.asked).toEqual(["connect", "connect"]);
  });

  test("one that is never taken is found in its batch, and the others are sent in order", async () => {
    const { cluster, runBatch } = withCluster();
    cluster.onSend((_, messages) =>
      messages.some(({ value }) => value === "large") ? failure("MESSAGE_TOO_LARGE") : null,
    );
    const values = ["1", "2", "large", "4", "5"];
    const outcomes = await runBatch(values.map((value) => executorItem({ topic: "a", value })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "reject", "delivered", "delivered"]);
    expect(cluster.sent.flatMap(({ messages }) => messages.map(({ value }) => value))).toEqual(["1", "2", "4", "5"]);
  });

  test("what is refused for its topic is not halved", async () => {
    const { cluster, runBatch } = withCluster();
    let requests = 0;
    cluster.onSend(() => {
      requests++;
      return failure("TOPIC_AUTHORIZATION_FAILED");
    });
    const outcomes = await runBatch(["1", "2", "3"].map((value) => executorItem({ topic: "a", value })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["reject", "reject", "reject"]);
    expect(requests).toBe(1);
  });

  test("nothing is sent before one that has to wait", async () => {
    const { cluster, runBatch } = withCluster();
    cluster.onSend((_, messages) =>
      messages.length > 1
        ? failure("MESSAGE_TOO_LARGE")
        : messages[0]!.value === "2"
          ? failure("NOT_ENOUGH_REPLICAS")
          : null,
    );
    const outcomes = await runBatch(["1", "2", "3", "4"].map((value) => executorItem({ topic: "a", key: "k", value })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "retry", "retry", "retry"]);
    expect(cluster.sent.flatMap(({ messages }) => messages.map(({ value }) => value))).toEqual(["1"]);
  });

  const hanging = (): { readonly executor: TestExecutor & { cluster: ReturnType<typeof fakeKafka> } } => {
    const executor = withCluster();
    executor.cluster.onSend(() => "hang");
    return { executor };
  };
  test("no confirmation within the timeout is tried again", async () => {
    const { executor } = hanging();
    const outcome = executor.run({ topic: "alerts", value: "x" });
    await turns(20);
    await executor.clock.advance(10_000);
    expect(await outcome).toEqual({ kind: "retry", reason: "no confirmation from the broker within 10s" });
  });
  test("abort stops it, before and during the request", async () => {
    const { executor } = hanging();
    expect(await executor.run({ topic: "alerts", value: "x" }, {}, AbortSignal.abort())).toMatchObject({
      kind: "retry",
    });
    expect(executor.cluster.asked).toEqual([]);
    const controller = new AbortController();
    const outcome = executor.run({ topic: "alerts", value: "x" }, {}, controller.signal);
    await turns(20);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "retry" });
    expect(executor.clock.pending).toBe(0);
  });
});

test("a preview masks secrets, also those of the payload; close ends the connection", async () => {
  const { cluster, executor, run } = withCluster({}, { secrets: [new Secret("of-the-payload")] });
  const preview = executor.preview(
    executorItem({ topic: "a", value: { token: "of-the-payload" }, headers: { x: PASSWORD } }),
  );
  expect(preview).toMatchObject({ headers: { x: "***" }, body: { value: { token: "***" } } });
  await run({ topic: "alerts", value: "x" });
  await executor.close!();
  expect(cluster.asked).toEqual(["connect", "close"]);
});
