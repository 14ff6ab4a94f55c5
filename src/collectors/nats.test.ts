import { expect, test } from "vitest";
import { natsOptions } from "./nats-options.ts";

const good = { servers: ["127.0.0.1:4222"], subjects: ["a.>"] };

test.each([
  [good, undefined],
  [{ ...good, queue: "q", auth: { token: "t" }, tls: {} }, undefined],
  [{ ...good, jetstream: { stream: "S", durable: "squall" } }, undefined],
  [{ ...good, servers: [] }, "servers"],
  [{ ...good, servers: ["nats://u:s3cret@h:4222"] }, "servers.0"],
  [{ servers: good.servers }, "subjects"],
  [{ ...good, jetstream: { stream: "S", durable: "a.b" } }, "jetstream.durable"],
  [{ ...good, jetstream: { stream: "S" } }, "jetstream.durable"],
  [{ ...good, queue: "q", jetstream: { stream: "S", durable: "squall" } }, "queue"],
  [{ ...good, auth: { username: "u" } }, "auth"],
])("%j: what is wrong is at %s", (options, path) =>
  expect(natsOptions.safeParse(options).error?.issues[0]?.path.join(".")).toBe(path),
);
