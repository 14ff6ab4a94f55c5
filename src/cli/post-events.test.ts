import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../../test/kit/manual-clock.ts";
import { Secret } from "../component/secret.ts";
import { type PostOptions, postEvents } from "./post-events.ts";
import type { Document } from "./read-documents.ts";

interface Received {
  readonly path: string;
  readonly token: string | undefined;
  readonly text: string;
  readonly atMs: number;
}

let server: Server;
let url: string;
let received: Received[];
let answers: { status: number; body?: object; headers?: Record<string, string> }[];
let clock: ManualClock;

beforeEach(async () => {
  received = [];
  answers = [];
  clock = manualClock(0);
  server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
      received.push({ path: request.url!, token: request.headers.authorization, text, atMs: clock.nowMs() });
      const parsed: unknown = JSON.parse(text);
      const accepted = { accepted: Array.isArray(parsed) ? parsed.length : 1, rejected: [] };
      const { status, body: answer, headers } = answers.shift() ?? { status: 200 };
      response.writeHead(status, headers).end(JSON.stringify(answer ?? accepted));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function* documents(count: number): AsyncGenerator<Document> {
  for (let line = 1; line <= count; line++) yield { text: `{"n":${line}}`, line };
}

const post = (count: number, options: Partial<PostOptions> = {}, rejected: unknown[] = []) =>
  postEvents(
    documents(count),
    { url, collector: "c", token: new Secret("t"), batch: 2, rate: null, gzip: false, retries: 3, ...options },
    { clock, onProgress: () => undefined, onRejected: ({ line }, reason) => rejected.push([line, reason]) },
  );

/** Moves the clock on until the posting is over. */
async function inTime<T>(done: Promise<T>): Promise<T> {
  const state = { over: false };
  const mark = (): void => void (state.over = true);
  done.then(mark, mark);
  while (!state.over) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.pending > 0) await clock.advance(100);
  }
  return done;
}

test("batches go as arrays, a lone document as itself, with the token", async () => {
  expect(await post(3)).toEqual({ events: 3, requests: 2, accepted: 3, rejected: 0, retries: 0 });
  expect(received.map(({ path, token, text }) => [path, token, text])).toEqual([
    ["/event/c", "Bearer t", '[{"n":1},{"n":2}]'],
    ["/event/c", "Bearer t", '{"n":3}'],
  ]);
});

test("gzip, and a URL with a path before it", async () => {
  await post(1, { gzip: true, url: `${url}/squall/`, token: null });
  expect(received).toMatchObject([{ path: "/squall/event/c", token: undefined, text: '{"n":1}' }]);
});

test("503 is repeated after what Retry-After says, else after a growing wait", async () => {
  answers = [{ status: 503, headers: { "retry-after": "2" } }, { status: 503 }, { status: 503 }];
  expect(await inTime(post(1))).toMatchObject({ accepted: 1, requests: 1, retries: 3 });
  const waits = received.map(({ atMs }, index) => atMs - (received[index - 1]?.atMs ?? 0));
  expect(waits).toEqual([0, 2000, 1000, 2000]);
});

test("503 too often, and every other refusal, ends it with the server's words", async () => {
  answers = Array.from({ length: 4 }, () => ({ status: 503, body: { detail: "the disk is full" } }));
  await expect(inTime(post(1))).rejects.toMatchObject({ message: expect.stringContaining("the disk is full") });
  answers = [{ status: 401, body: { detail: "the credentials are missing or wrong" } }];
  await expect(post(3)).rejects.toMatchObject({ message: expect.stringContaining("credentials are missing") });
  expect(received).toHaveLength(5);
});

test("documents refused inside a batch are named by their line", async () => {
  answers = [{ status: 200 }, { status: 200, body: { accepted: 1, rejected: [{ index: 1, error: "no object" }] } }];
  const rejected: unknown[] = [];
  expect(await post(4, {}, rejected)).toMatchObject({ accepted: 3, rejected: 1 });
  expect(rejected).toEqual([[4, "no object"]]);
});

test("a rate spreads the requests over time", async () => {
  await inTime(post(6, { rate: 10 }));
  expect(received.map(({ atMs }) => atMs)).toEqual([0, 200, 400]);
});

test("nobody there", async () => {
  await expect(post(1, { url: "http://127.0.0.1:1" })).rejects.toMatchObject({ code: "unreachable" });
});
