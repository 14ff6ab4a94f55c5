import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { httpSink, type HttpSink } from "../../../test/kit/http-sink.ts";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { createKafkaConnection, kafkaConnectionOptions } from "./kafka-connection.ts";

const schema = z.strictObject(kafkaConnectionOptions);
const clock = manualClock();
const configOf = (options: object, ca?: string) =>
  createKafkaConnection(schema.parse({ brokers: ["k:9092"], ...options }), { clock, ca }).config();

let sink: HttpSink;
beforeAll(async () => {
  sink = await httpSink();
});
afterAll(() => sink.close());

test("without anything: brokers alone, no TLS, no login", async () => {
  const config = await configOf({});
  expect(config).toMatchObject({ brokers: ["k:9092"], clientId: "squall" });
  expect(config).not.toHaveProperty("ssl");
  expect(config).not.toHaveProperty("sasl");
});

test("TLS: files are read at each connection; the common authority stands where no other is named", async () => {
  const tls = { cert_file: "test/fixtures/tls/server.crt", key_file: "test/fixtures/tls/server.key" };
  const { ssl } = await configOf({ tls }, "the common authority");
  expect(ssl).toEqual({
    ca: "the common authority",
    cert: expect.stringContaining("BEGIN"),
    key: expect.stringContaining("BEGIN"),
  });
  expect((await configOf({ tls: { ca_file: "test/fixtures/tls/ca.crt" } }, "x")).ssl).toEqual({
    ca: expect.stringContaining("BEGIN"),
  });
  expect((await configOf({ tls: {} })).ssl).toEqual({});
  await expect(configOf({ tls: { ca_file: "no/such.crt" } })).rejects.toThrow("tls.ca_file: ENOENT");
});

test.each(["plain", "scram-sha-256", "scram-sha-512"])("login by %s", async (mechanism) =>
  expect((await configOf({ sasl: { mechanism, username: "u", password: "p" } })).sasl).toEqual({
    mechanism,
    username: "u",
    password: "p",
  }),
);

/** What kafkajs asks for a token. */
async function tokens(sasl: object): Promise<() => Promise<string>> {
  const config = await configOf({ sasl: { mechanism: "oauth", ...sasl } });
  const { oauthBearerProvider } = config.sasl as { oauthBearerProvider: () => Promise<{ value: string }> };
  return async () => (await oauthBearerProvider()).value;
}
const client = () => ({ token_url: `${sink.url}/token`, client_id: "id", client_secret: "s&cret", scope: "kafka" });

test("a token of the options", async () => expect(await (await tokens({ token: "t" }))()).toBe("t"));

test("a token by client credentials is kept until shortly before it expires", async () => {
  let number = 0;
  sink.respond(() => ({ status: 200, body: JSON.stringify({ access_token: `t${++number}`, expires_in: 100 }) }));
  const token = await tokens(client());
  expect([await token(), await token()]).toEqual(["t1", "t1"]);
  expect(sink.requests.at(-1)).toMatchObject({
    method: "POST",
    path: "/token",
    headers: { authorization: `Basic ${Buffer.from("id:s%26cret").toString("base64")}` },
    body: "grant_type=client_credentials&scope=kafka",
  });
  await clock.advance(69_999);
  expect(await token()).toBe("t1");
  await clock.advance(1);
  expect(await token()).toBe("t2");
});

test.each([
  [{ status: 401, body: "s&cret" }, "sasl.token_url answered with 401; accepted: 200 and a token"],
  [{ status: 200, body: "{}" }, "without an access_token"],
  [{ status: 200, body: "no json" }, "without an access_token"],
  [{ status: 200, body: '{"access_token":5}' }, "without an access_token"],
])("no token: %j", async (answer, message) => {
  sink.respond(answer);
  await expect((await tokens(client()))()).rejects.toThrow(message);
});
