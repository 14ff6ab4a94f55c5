import { expect, test } from "vitest";
import { runSteps, runStepsInSlices, type Steps } from "./steps.ts";

function* work(pieces: number, units: number): Steps<string> {
  for (let piece = 0; piece < pieces; piece++) yield units;
  return "done";
}

test("run through", () => {
  expect(runSteps(work(3, 1000))).toBe("done");
});

test.each([
  ["small work is one slice", 10, 100, 0],
  ["pieces are joined to slices of some milliseconds", 100, 100, 5],
  ["large pieces are slices by themselves", 4, 5000, 4],
])("in slices: %s", async (_, pieces, units, expected) => {
  let yields = 0;
  expect(await runStepsInSlices(work(pieces, units), async () => void yields++)).toBe("done");
  expect(yields).toBe(expected);
});

test("what goes wrong between slices is told", async () => {
  const failing = runStepsInSlices(work(9, 5000), () => Promise.reject(new Error("no more")));
  await expect(failing).rejects.toThrow("no more");
});
