import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorld } from "../../test/kit/collector-world.ts";
import { describeCollector } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import type { Collector } from "../component/define-collector.ts";
import { icinga2 } from "./icinga2.ts";

interface FakeIcinga {
  readonly url: string;
  readonly requests: readonly { readonly headers: IncomingMessage["headers"]; readonly body: unknown }[];
  /** Of the next requests. */
  status: number;
  /** The stream that is open. */
  stream: ServerResponse | null;
  /** Streams opened so far. */
  readonly opened: number;
  close(): Promise<void>;
}

/** A stream that never ends, as Icinga 2 gives it. */
async function fakeIcinga(): Promise<FakeIcinga> {
  const requests: { headers: IncomingMessage["headers"]; body: unknown }[] = [];
  let opened = 0;
  const server: Server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => void (text += part));
    request.on("end", () => {
      requests.push({ headers: request.headers, body: JSON.parse(text) as unknown });
      if (fake.status !== 200) return void response.writeHead(fake.status).end("no such user");
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      fake.stream = response;
      opened++;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeIcinga = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    status: 200,
    stream: null,
    get opened() {
      return opened;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

const create = (url: string, world: CollectorWorld, options: object = {}): Collector =>
  icinga2.create(icinga2.options.parse({ url, username: "squall", password: "s3cret", ...options }), {
    ...world.deps,
    http: { mount: () => () => undefined },
  });

describeCollector(icinga2, {
  wire: "stream",
  secrets: ["s3cret", Buffer.from("squall:s3cret").toString("base64")],
  async open(world) {
    const fake = await fakeIcinga();
    const collector = create(fake.url, world);
    await collector.start();
    await until(() => fake.stream !== null);
    const write = (text: string): void => void fake.stream!.write(text);
    return {
      collector,
      send(document) {
        write(`${JSON.stringify(document)}\n`);
        return { answer: Promise.resolve("lost"), vanish: () => undefined };
      },
      sendHalf(document) {
        write(JSON.stringify(document).slice(0, -5));
        return { answer: Promise.resolve("lost"), vanish: () => write("\n") };
      },
      close: () => fake.close(),
    };
  },
});

test.each(["https://u:s3cret@h:5665", "ftp://h", "h:5665"])(
  "%s is no address; a secret in it is not repeated",
  (url) => {
    const { error } = icinga2.options.safeParse({ url, username: "u", password: "p" });
    expect(error?.issues[0]?.path).toEqual(["url"]);
    expect(JSON.stringify(error?.issues)).not.toContain("s3cret");
  },
);

describe("the stream", () => {
  let fake: FakeIcinga;
  let world: CollectorWorld;
  let collector: Collector;
  const raised: string[] = [];
  beforeEach(async () => {
    fake = await fakeIcinga();
    world = collectorWorld({ id: "mon", commitAtOnce: true });
    raised.length = 0;
  });
  afterEach(async () => {
    await collector.stop();
    await fake.close();
  });

  async function start(options: object = {}): Promise<void> {
    const health = {
      raise: (subject: string, code: string, message: string) => void raised.push(`${subject} ${code} ${message}`),
      clear: (subject: string) => void raised.push(`${subject} clear`),
      reasons: () => [],
    };
    collector = create(fake.url, { ...world, deps: { ...world.deps, health } }, options);
    await collector.start();
  }

  test("it asks for its types, with a queue of its own and the filter", async () => {
    await start({ types: ["StateChange"], filter: "event.state == 2" });
    await until(() => fake.requests.length === 1);
    expect(fake.requests[0]).toMatchObject({
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from("squall:s3cret").toString("base64")}`,
      },
      body: { types: ["StateChange"], queue: "squall-mon", filter: "event.state == 2" },
    });
  });

  test("an object may come in pieces, and a bad line spoils only itself", async () => {
    await start();
    await until(() => fake.stream !== null);
    fake.stream!.write('{"n":1}\n{"n"');
    await until(() => world.committed.length === 1);
    fake.stream!.write(':2}\noops\n{"n":3}\n');
    await until(() => world.committed.length === 3);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(world.rejected).toEqual({ bad_json: 1 });
  });

  test("when the stream ends it says so and connects again, and is well again", async () => {
    await start();
    await until(() => fake.stream !== null);
    fake.stream!.end('{"n":1}\n');
    await until(() => raised.some((line) => line.includes("disconnected")));
    expect(world.committed).toEqual([{ n: 1 }]);
    await world.clock.advance(1000);
    await until(() => fake.opened === 2);
    await until(() => raised.at(-1) === "collector:mon clear");
  });

  test("a refusal is told with its status, and it waits longer each time", async () => {
    fake.status = 401;
    await start();
    await until(() => raised.some((line) => line.includes("unauthorized")));
    expect(raised.at(-1)).toBe(`collector:mon unauthorized ${fake.url} answered 401: no such user`);
    await world.clock.advance(1000);
    await until(() => fake.requests.length === 2 && world.clock.pending > 0);
    await world.clock.advance(1900);
    await turns();
    expect(fake.requests).toHaveLength(2);
    await world.clock.advance(100);
    await until(() => fake.requests.length === 3);
  });

  test("nobody there: it says so and goes on trying, and can be stopped", async () => {
    const url = "http://127.0.0.1:1";
    await start({ url });
    await until(() => raised.length > 0);
    expect(raised.at(-1)).toContain(`collector:mon unreachable ${url}: `);
  });
});
