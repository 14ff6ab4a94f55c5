import { expect, test } from "vitest";
import { createCheckpoints } from "./checkpoints.ts";

function start() {
  const asked: string[] = [];
  const open: PromiseWithResolvers<void>[] = [];
  const ask = (who: string) => () => {
    asked.push(who);
    const answer = Promise.withResolvers<void>();
    open.push(answer);
    return answer.promise;
  };
  const checkpoints = createCheckpoints({
    aside: ask("aside"),
    writer: ask("writer"),
    onError: (error) => void asked.push((error as Error).message),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async () => {
    open.shift()!.resolve();
    await turn();
  };
  const refuse = async (message: string) => {
    open.shift()!.reject(new Error(message));
    await turn();
  };
  return { checkpoints, asked, answer, refuse };
}

test.each([
  [{ pages: 999, back: 0 }, []],
  [{ pages: 1_000, back: 0 }, ["aside"]],
  [{ pages: 1_999, back: 1_000 }, []],
  [{ pages: 7_999, back: 6_000 }, ["aside"]],
  [{ pages: 8_000, back: 7_900 }, []],
  [{ pages: 8_000, back: 7_000 }, ["aside", "writer"]],
])("of %j", async (journal, expected) => {
  const { checkpoints, asked, answer } = start();
  checkpoints.grown(journal);
  if (expected.length > 0) await answer();
  expect(asked).toEqual(expected);
});

test("one at a time", async () => {
  const { checkpoints, asked, answer } = start();
  const long = { pages: 9_000, back: 0 };
  checkpoints.grown(long);
  checkpoints.grown(long);
  await answer();
  checkpoints.grown(long);
  await answer();
  expect(asked).toEqual(["aside", "writer"]);
  checkpoints.grown(long);
  expect(asked).toEqual(["aside", "writer", "aside"]);
});

test("none while it is held, by whoever", () => {
  const { checkpoints, asked } = start();
  const long = { pages: 9_000, back: 0 };
  const one = checkpoints.hold();
  const two = checkpoints.hold();
  checkpoints.grown(long);
  one();
  one();
  checkpoints.grown(long);
  expect(asked).toEqual([]);
  two();
  checkpoints.grown(long);
  expect(asked).toEqual(["aside"]);
});

test("one that fails is told, and the next one tried", async () => {
  const { checkpoints, asked, refuse } = start();
  const long = { pages: 9_000, back: 0 };
  checkpoints.grown(long);
  await refuse("no room");
  expect(asked).toEqual(["aside", "no room"]);
  checkpoints.grown(long);
  expect(asked).toEqual(["aside", "no room", "aside"]);
});
