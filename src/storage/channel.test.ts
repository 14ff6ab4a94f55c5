import { expect, test } from "vitest";
import { openChannel, RemoteError } from "./channel.ts";

interface Api {
  hello(name: string): string;
}

const thread = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const listening = (body: string): URL =>
  thread(`import { parentPort } from "node:worker_threads"; parentPort.on("message", ({ id, args }) => { ${body} });`);

test("a call is answered by the other side", async () => {
  const channel = openChannel<Api>(listening("parentPort.postMessage({ id, result: 'hello ' + args[0] })"), {}, fail);
  expect(await Promise.all([channel.call("hello", "a"), channel.call("hello", "b")])).toEqual(["hello a", "hello b"]);
  await channel.end();
});

test("an error of the other side arrives with its code", async () => {
  const reply = "parentPort.postMessage({ id, error: { message: 'full', errcode: 13 } })";
  const channel = openChannel<Api>(listening(reply), {}, fail);
  const error = await channel.call("hello", "a").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RemoteError);
  expect(error).toMatchObject({ message: "full", errcode: 13 });
  await channel.end();
});

test.each([
  ["ends", "process.exit(7)", "the store's thread ended with code 7"],
  ["throws", "throw new Error('boom')", "boom"],
])("when the thread %s, its owner and all who wait are told", async (_, body, message) => {
  const deaths: Error[] = [];
  const channel = openChannel<Api>(listening(body), {}, (error) => deaths.push(error));
  const results = await Promise.allSettled([channel.call("hello", "a"), channel.call("hello", "b")]);
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { message } });
  await expect(channel.call("hello", "c")).rejects.toThrow(message);
  expect(deaths).toMatchObject([{ message }]);
});

test("ending it is no death, but who waits is told", async () => {
  const channel = openChannel<Api>(listening(""), {}, fail);
  const [call] = await Promise.allSettled([channel.call("hello", "a"), channel.end()]);
  expect(call.status).toBe("rejected");
});

function fail(error: Error): never {
  throw error;
}
