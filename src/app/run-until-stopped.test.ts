import { expect, test } from "vitest";
import { testHost } from "../../test/kit/test-host.ts";
import { silentLogger } from "../component/logger.ts";
import { listenToSignals, runUntilStopped } from "./run-until-stopped.ts";
import type { App } from "./start-app.ts";

function fakeApp() {
  const steps: string[] = [];
  const { promise: failed, resolve: fail } = Promise.withResolvers<unknown>();
  const { promise: finished, resolve: finish } = Promise.withResolvers<string>();
  const { promise: stopped, resolve: finishStop } = Promise.withResolvers<void>();
  const app: Pick<App, "reload" | "finished" | "failed" | "stop"> = {
    finished,
    failed,
    async reload(cause) {
      steps.push(`reload ${cause}`);
      throw new Error("the files have errors");
    },
    stop() {
      steps.push("stop");
      return stopped;
    },
  };
  return { app, steps, finish, fail, finishStop };
}

test("SIGHUP reloads, a failing reload ends nothing, SIGTERM stops and exits 0", async () => {
  const host = testHost();
  const signals = listenToSignals(host);
  const { app, steps, finishStop } = fakeApp();
  const code = runUntilStopped(app, signals, silentLogger);
  host.signal("SIGHUP");
  host.signal("SIGTERM");
  finishStop();
  expect(await code).toBe(0);
  expect(steps).toEqual(["reload signal", "stop"]);
  signals.dispose();
  expect(host.signal("SIGTERM")).toBe(0);
});

test("a second signal ends the process at once, whichever came first", async () => {
  const host = testHost();
  const signals = listenToSignals(host);
  const { app, finishStop } = fakeApp();
  const code = runUntilStopped(app, signals, silentLogger);
  host.signal("SIGINT");
  expect(host.exits).toEqual([]);
  host.signal("SIGTERM");
  expect(host.exits).toEqual([3]);
  finishStop();
  await code;
});

test("a signal during the start stops the app as soon as it runs", async () => {
  const host = testHost();
  const signals = listenToSignals(host);
  host.signal("SIGHUP");
  host.signal("SIGTERM");
  const { app, steps, finishStop } = fakeApp();
  finishStop();
  expect(await runUntilStopped(app, signals, silentLogger)).toBe(0);
  expect(steps).toEqual(["stop"]);
});

test("a lost store stops the app and exits 3", async () => {
  const { app, steps, fail, finishStop } = fakeApp();
  const code = runUntilStopped(app, listenToSignals(testHost()), silentLogger);
  fail(new Error("disk I/O error"));
  finishStop();
  expect(await code).toBe(3);
  expect(steps).toEqual(["stop"]);
});

test("a collector whose input has ended stops the app", async () => {
  const { app, steps, finish, finishStop } = fakeApp();
  const code = runUntilStopped(app, listenToSignals(testHost()), silentLogger);
  finish("standard input has ended");
  finishStop();
  expect(await code).toBe(0);
  expect(steps).toEqual(["stop"]);
});
