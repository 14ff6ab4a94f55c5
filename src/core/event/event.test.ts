import { expect, test } from "vitest";
import { eventId } from "./identity.ts";
import { levelOfSyslog } from "./severity.ts";
import { timestampMs } from "./timestamp.ts";
import { traceIdOf } from "./traceparent.ts";
import { createUuid7 } from "./uuid7.ts";

test.each([
  [{ inputId: "k", draftId: "d", positionId: "p", index: 0, count: 1 }, "k"],
  [{ inputId: "k", draftId: "d", positionId: "p", index: 2, count: 3 }, "k#2"],
  [{ inputId: undefined, draftId: "d", positionId: "p", index: 2, count: 3 }, "d"],
  [{ inputId: undefined, draftId: undefined, positionId: "p", index: 0, count: 2 }, "p#0"],
  [{ inputId: "", draftId: undefined, positionId: undefined, index: 0, count: 1 }, undefined],
])("identity of %j", (sources, id) => expect(eventId(sources)).toBe(id));

test("a UUIDv7 carries its time and version", () => {
  const uuid = (byte: number) => createUuid7((count) => new Uint8Array(count).fill(byte))(0x0123456789ab);
  expect(uuid(0xff)).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
  expect(uuid(0)).toBe("01234567-89ab-7000-8000-000000000000");
  expect(createUuid7((count) => new Uint8Array(count))(2 ** 48 - 1)).toBe("ffffffff-ffff-7000-8000-000000000000");
});

test("every UUIDv7 has random bytes of its own, each in its place", () => {
  let next = 0;
  const uuid = createUuid7((count) => Uint8Array.from({ length: count }, () => next++ % 251));
  const ids = Array.from({ length: 1000 }, () => uuid(0));
  expect(ids.slice(0, 2)).toEqual(["00000000-0000-7001-8203-040506070809", "00000000-0000-7a0b-8c0d-0e0f10111213"]);
  expect(new Set(ids).size).toBeGreaterThan(250);
  for (const id of ids) expect(id).toMatch(/^00000000-0000-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
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
