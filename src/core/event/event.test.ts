import { expect, test } from "vitest";
import { eventId } from "./identity.ts";
import { levelOfSyslog } from "./severity.ts";
import { timestampMs } from "./timestamp.ts";
import { traceIdOf } from "./traceparent.ts";
import { uuid7 } from "./uuid7.ts";

test.each([
  [{ inputId: "k", draftId: "d", positionId: "p", index: 0, count: 1 }, "k"],
  [{ inputId: "k", draftId: "d", positionId: "p", index: 2, count: 3 }, "k#2"],
  [{ inputId: undefined, draftId: "d", positionId: "p", index: 2, count: 3 }, "d"],
  [{ inputId: undefined, draftId: undefined, positionId: "p", index: 0, count: 2 }, "p#0"],
  [{ inputId: "", draftId: undefined, positionId: undefined, index: 0, count: 1 }, undefined],
])("identity of %j", (sources, id) => expect(eventId(sources)).toBe(id));

test("a UUIDv7 carries its time and version", () => {
  const id = uuid7(0x0123456789ab, (count) => new Uint8Array(count).fill(0xff));
  expect(id).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
});

test.each([
  ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"],
  ["00-00000000000000000000000000000000-00f067aa0ba902b7-01", null],
  ["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", null],
  ["nonsense", null],
  [undefined, null],
])("trace id of %s", (header, id) => expect(traceIdOf(header)).toBe(id));

test.each([
  ["2024-05-02T09:16:02.511Z", 1714641362511],
  ["2024-05-02T09:19:01.123456789Z", 1714641541123],
  ["2024-05-02T11:16:02+02:00", 1714641362000],
  ["2024-05-02T11:16:02.5+0200", 1714641362500],
  ["2020-10-19 12:28:35.295", 1603110515295],
  [1714641362511, 1714641362511],
  ["yesterday", undefined],
  ["2024-13-99T00:00:00Z", undefined],
  [null, undefined],
])("the time %j is %j", (value, ms) => expect(timestampMs(value)).toBe(ms));

test.each([
  [0, "critical"],
  [2, "critical"],
  [3, "error"],
  [4, "warning"],
  [5, "notice"],
  [7, "info"],
  [8, undefined],
  ["4", undefined],
])("syslog severity %j is %s", (number, level) => expect(levelOfSyslog(number)).toBe(level));
