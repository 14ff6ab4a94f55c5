import { expect, test } from "vitest";
import { createSingleFlight } from "./single-flight.ts";

function work() {
  const calls: { readonly signal: AbortSignal; readonly done: (text: string) => void; fail: (error: Error) => void }[] =
    [];
  const run = (signal: AbortSignal): Promise<string> =>
    new Promise((done, fail) => {
      calls.push({ signal, done, fail });
    });
  return { calls, run };
}
const never = new AbortController().signal;
const left = (): string => "left";

test("those who ask at once share one run; the next one asks anew", async () => {
  const flights = createSingleFlight<string>();
  const { calls, run } = work();
  const both = [flights.run("a", run, never, left), flights.run("a", run, never, left)];
  const other = flights.run("b", run, never, left);
  expect(calls).toHaveLength(2);
  calls[0]!.done("one");
  calls[1]!.done("two");
  expect(await Promise.all([...both, other])).toEqual(["one", "one", "two"]);
  const again = flights.run("a", run, never, left);
  expect(calls).toHaveLength(3);
  calls[2]!.done("three");
  expect(await again).toBe("three");
});

test("who is told to stop leaves; the work goes on for the others", async () => {
  const flights = createSingleFlight<string>();
  const { calls, run } = work();
  const stop = new AbortController();
  const first = flights.run("a", run, stop.signal, left);
  const second = flights.run("a", run, never, left);
  stop.abort();
  expect(await first).toBe("left");
  expect(calls[0]!.signal.aborted).toBe(false);
  const third = flights.run("a", run, never, left);
  calls[0]!.done("one");
  expect(await Promise.all([second, third])).toEqual(["one", "one"]);
  expect(calls).toHaveLength(1);
});

test("when all have left the work is broken off, and who comes later starts anew", async () => {
  const flights = createSingleFlight<string>();
  const { calls, run } = work();
  const stop = new AbortController();
  const first = flights.run("a", run, stop.signal, left);
  stop.abort();
  expect(await first).toBe("left");
  expect(calls[0]!.signal.aborted).toBe(true);
  const second = flights.run("a", run, never, left);
  calls[0]!.done("too late");
  calls[1]!.done("one");
  expect(await second).toBe("one");
});

test("an error reaches all, and is not kept", async () => {
  const flights = createSingleFlight<string>();
  const { calls, run } = work();
  const both = Promise.allSettled([flights.run("a", run, never, left), flights.run("a", run, never, left)]);
  calls[0]!.fail(new Error("boom"));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = flights.run("a", run, never, left);
  calls[1]!.done("one");
  expect(await again).toBe("one");
});

test("nothing is begun for one who has left already", async () => {
  const { calls, run } = work();
  expect(await createSingleFlight<string>().run("a", run, AbortSignal.abort(), left)).toBe("left");
  expect(calls).toEqual([]);
});
