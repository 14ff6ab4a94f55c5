import { expect, test } from "vitest";
import { channelOf, createAckChannels } from "./ack-channels.ts";

test("channels are bounded: the longest unused one ends", () => {
  const channels = createAckChannels({ maxChannels: 2, idleMs: 1000 }, () => 0);
  expect([channels.next("a"), channels.next("a"), channels.next("b")]).toEqual([0, 1, 0]);
  expect(channels.isDone("a", 1)).toBe(true); // a question is a use
  channels.next("c");
  expect(["a", "b", "c"].map((channel) => channels.isDone(channel, 0))).toEqual([true, false, true]);
});

test("a channel that is used does not end, one that is not does", () => {
  let now = 0;
  const channels = createAckChannels({ maxChannels: 10, idleMs: 1000 }, () => now);
  channels.next("a");
  channels.next("b");
  now = 999;
  expect(channels.isDone("a", 0)).toBe(true);
  now = 1500;
  expect(channels.isDone("a", 0)).toBe(true);
  expect(channels.isDone("b", 0)).toBe(false);
  expect(channels.next("b")).toBe(0);
});

const GUID = "fe0ecfad-13d5-401b-847d-77833bd77131";
test.each([
  [{}, "", undefined],
  [{ "x-splunk-request-channel": GUID }, "", GUID],
  [{ "x-splunk-request-channel": GUID.toUpperCase() }, "", GUID],
  [{}, `channel=${GUID}`, GUID],
  [{ "x-splunk-request-channel": GUID.replaceAll("-", "") }, "", GUID.replaceAll("-", "")],
  [{ "x-splunk-request-channel": "x" }, `channel=${GUID}`, null],
  [{}, "channel=1234", null],
])("%j ?%s: %s", (headers, query, expected) => expect(channelOf(headers, new URLSearchParams(query))).toBe(expected));
