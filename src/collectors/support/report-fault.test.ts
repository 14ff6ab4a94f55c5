import { expect, test } from "vitest";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { silentLogger } from "../../component/logger.ts";
import { faultReporter } from "./report-fault.ts";
import { StreamFault } from "./stream-fault.ts";

test("every fault is counted, each reason warned of once in a while", async () => {
  const clock = manualClock();
  const warned: string[] = [];
  const counted: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void warned.push(message) };
  const report = faultReporter({ clock, logger, countRejected: (reason) => void counted.push(reason) });
  const bad = new StreamFault("bad_frame", "version 0x00; accepted: 1, 2");
  for (let n = 0; n < 5; n++) report(bad, "192.0.2.1");
  report(new StreamFault("timeout", "nothing complete within 1 ms"), "192.0.2.1");
  await clock.advance(10_000);
  report(bad, "192.0.2.1");
  expect(counted).toEqual(["bad_frame", "bad_frame", "bad_frame", "bad_frame", "bad_frame", "timeout", "bad_frame"]);
  expect(warned).toEqual([
    "a connection was closed: version 0x00; accepted: 1, 2",
    "a connection was closed: nothing complete within 1 ms",
    "a connection was closed: version 0x00; accepted: 1, 2",
  ]);
});
