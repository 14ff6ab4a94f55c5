import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json } from "../core/json.ts";
import { icinga2 } from "./icinga2.ts";
import { normalizers } from "./all.ts";

const events = readFileSync("test/fixtures/icinga2/events.ndjson", "utf8").trim().split("\n");
const draftOf = (document: Json) => {
  const result = icinga2.normalize(document, { collector: "c", receivedMs: 1 });
  if (!result.ok) throw new Error(result.error);
  return result.value[0]!;
};

test("recorded events: who, what, how bad; each has an id of its own", () => {
  const drafts = events.map((line) => draftOf(JSON.parse(line) as Json));
  expect(
    drafts.map(({ payload: { type, host, service, severity_level: level } }) => [type, host, service, level]),
  ).toEqual([
    ["CheckResult", "h1", "disk", "critical"],
    ["StateChange", "h1", "disk", "critical"],
    ["CheckResult", "h1", "disk", "critical"],
    ["StateChange", "h1", "disk", "critical"],
    ["CommentAdded", "h1", "disk", undefined],
    ["AcknowledgementSet", "h1", "disk", "critical"],
    ["AcknowledgementCleared", "h1", "disk", "critical"],
    ["CommentRemoved", "h1", "disk", undefined],
    ["CheckResult", "h1", undefined, "critical"],
    ["StateChange", "h1", undefined, "critical"],
    ["DowntimeAdded", "h1", undefined, undefined],
    ["DowntimeStarted", "h1", undefined, undefined],
    ["DowntimeTriggered", "h1", undefined, undefined],
  ]);
  expect(new Set(drafts.map(({ id }) => id)).size).toBe(events.length);
  expect(drafts[5]).toMatchObject({ type: "icinga2", created_ms: 1795275709747 });
});

test("recorded events are recognized, by this format alone", () => {
  for (const line of events) {
    const document = JSON.parse(line) as Record<string, Json>;
    const taken = normalizers.filter(({ format, recognizes }) => format !== "json" && recognizes(document));
    expect(taken.map(({ format }) => format)).toEqual(["icinga2"]);
  }
});

describe("levels", () => {
  test.each([
    [{ service: "s", state: 0 }, "info"],
    [{ service: "s", state: 1 }, "warning"],
    [{ service: "s", state: 2 }, "critical"],
    [{ service: "s", state: 3 }, "error"],
    [{ service: "s", state: 99 }, undefined],
    [{ state: 0 }, "info"],
    [{ state: 1 }, "critical"],
    [{}, undefined],
  ])("%j is %s", (fields, level) => {
    const { payload } = draftOf({ type: "StateChange", timestamp: 1.5, host: "h", ...fields });
    expect(payload["severity_level"]).toBe(level);
  });
});

test.each([{}, { type: "StateChange" }, { timestamp: 1 }, { type: 1, timestamp: 1 }, { type: "x", timestamp: "1" }])(
  "%j is no event of Icinga 2",
  (document) =>
    expect(icinga2.normalize(document as Json, { collector: "c", receivedMs: 1 }).ok).toBe(document.type === 1),
);
