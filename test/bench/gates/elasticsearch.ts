import { fork } from "node:child_process";
import { Pool } from "undici";
import { system } from "../../../src/app/system.ts";
import type { ExecutorItem } from "../../../src/component/define-executor.ts";
import { silentLogger } from "../../../src/component/logger.ts";
import { isObject, parseJson, printJson, type JsonObject } from "../../../src/core/json.ts";
import { elasticsearch } from "../../../src/executors/elasticsearch.ts";
import { createBodyBuffers } from "../../../src/executors/support/body-buffers.ts";
import { bulkBody } from "../../../src/executors/support/bulk.ts";
import { interleaved, type Gate } from "../gate.ts";

const BATCH = 500;
const AT_ONCE = 4;
const KINDS_OF_BATCH = 8;
const outbound = { timeoutMs: 30_000, concurrency: AT_ONCE };

interface Counted {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * Batches of 500 through the executor, uncompressed, against a loop that posts the same bytes, made beforehand: what the
 * floor does not do is to check 500 payloads, to put 500 documents into a request and to read 500 answers. The items
 * are as the engine makes them of deliveries, with the text that they are kept as.
 */
export const bulk: Gate = {
  name: "elasticsearch",
  async run({ quick, data }) {
    const sink = fork("test/bench/bulk-sink-child.ts", [String(BATCH)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const told = <T>(): Promise<T> => new Promise((resolve) => sink.once("message", (value) => resolve(value as T)));
    const origin = `http://127.0.0.1:${await told<number>()}`;
    const counted = async (measure: () => Promise<number>, bytes: number): Promise<number> => {
      const rate = await measure();
      const answer = told<Counted>();
      sink.send("count");
      const { requests, bytes: received } = await answer;
      if (requests !== count || received !== bytes) throw new Error(`${requests} requests of ${received} bytes reached the sink, expected ${count} of ${bytes}`);
      return rate;
    };
    const count = quick ? 80 : 240;
    const batches = Array.from({ length: KINDS_OF_BATCH }, (_, n) => batchOf(data.lines, n * BATCH));
    const bodies = batches.map((items) => bulkBody(items.map(({ payload, idempotencyKey }) => ({ opType: "create", index: "events", id: idempotencyKey, pipeline: undefined, document: printJson(documentOf(payload)) })), createBodyBuffers()).toString());
    const bytes = Array.from({ length: count }, (_, n) => Buffer.byteLength(bodies[n % KINDS_OF_BATCH]!)).reduce((sum, each) => sum + each, 0);
    const pool = new Pool(origin, { connections: AT_ONCE });
    const options = elasticsearch.options.parse({ endpoint: origin, gzip: false });
    const executor = elasticsearch.create(options, { id: "es", clock: system.clock, logger: silentLogger, outbound, emit: () => Promise.reject(new Error("nothing is emitted")) });
    try {
      const post = async (n: number): Promise<void> => {
        const answer = await pool.request({ method: "POST", path: "/_bulk", headers: { "content-type": "application/x-ndjson" }, body: bodies[n % KINDS_OF_BATCH]! });
        await answer.body.text();
      };
      const execute = async (n: number): Promise<void> => {
        const outcomes = await executor.executeBatch!(batches[n % KINDS_OF_BATCH]!, { signal: new AbortController().signal });
        if (outcomes.length !== BATCH || outcomes.some(({ kind }) => kind !== "delivered")) throw new Error(`outcomes: ${JSON.stringify(outcomes.slice(0, 3))}`);
      };
      const rates = await interleaved(quick ? 3 : 5, {
        bare: () => counted(() => rateOf(count, post), bytes),
        executor: () => counted(() => rateOf(count, execute), bytes),
      });
      const perSecond = (rate: number): string => `${Math.round(rate * BATCH).toLocaleString("en")}/s`;
      const detail = `${perSecond(rates.executor)} against ${perSecond(rates.bare)} documents, ${AT_ONCE} requests at once`;
      return [{ gate: "Elasticsearch executor, batches of 500", floor: "bare undici loop of the same bodies", value: (rates.executor / rates.bare) * 100, unit: "%", atLeast: 80, detail }];
    } finally {
      await pool.destroy();
      await executor.close?.();
      sink.disconnect();
    }
  },
};

/** Requests per second. */
async function rateOf(count: number, send: (n: number) => Promise<void>): Promise<number> {
  let next = 0;
  const begin = performance.now();
  const sender = async (): Promise<void> => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  return count / ((performance.now() - begin) / 1000);
}

function batchOf(lines: readonly string[], from: number): readonly ExecutorItem[] {
  return Array.from({ length: BATCH }, (_, at) => {
    const payloadText = printJson({ index: "events", data: objectOf(lines[(from + at) % lines.length]!) });
    const payload = objectOf(payloadText);
    const idempotencyKey = (from + at).toString(16).padStart(32, "0");
    return { payload, payloadText, idempotencyKey, rulePath: "root.bench", eventId: String(at), eventMs: 0, attempts: 0, traceparent: null, hops: 0 };
  });
}

function objectOf(text: string): JsonObject {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) throw new Error("an event is no object");
  return parsed.value;
}

function documentOf({ data }: ExecutorItem["payload"]) {
  if (!isObject(data)) throw new Error("a document is an object");
  return data;
}
