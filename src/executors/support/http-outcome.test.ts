import { describe, expect, test } from "vitest";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { outcomeOfError, outcomeOfStatus, responseText, retryAfter } from "./http-outcome.ts";

const clock = manualClock(Date.UTC(2026, 0, 1));
const same = (text: string): string => text;

test.each([
  ["7", 7000],
  [" 0 ", 0],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Thu, 01 Jan 2026 00:00:00 GMT", 0],
  ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
  ["Thursday, 01-Jan-26 00:00:05 GMT", 5000],
  [["3", "4"], 3000],
  ["-1", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["2026", 2_026_000],
  ["", undefined],
  [undefined, undefined],
])("Retry-After %j is %j ms", (value, expected) => {
  expect(retryAfter(value, clock)).toBe(expected);
});

const failure = (code: string, message = "boom"): Error => Object.assign(new Error(message), { code });
test.each([
  ["ECONNREFUSED", "unavailable"],
  ["ENOTFOUND", "unavailable"],
  ["EAI_AGAIN", "unavailable"],
  ["EHOSTUNREACH", "unavailable"],
  ["CERT_HAS_EXPIRED", "unavailable"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "unavailable"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "unavailable"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unavailable"],
  ["UND_ERR_PRX_CONN", "unavailable"],
  ["ECONNRESET", "retry"],
  ["EPIPE", "retry"],
  ["ETIMEDOUT", "retry"],
  ["UND_ERR_SOCKET", "retry"],
  ["UND_ERR_CONNECT_TIMEOUT", "retry"],
  ["HPE_INVALID_CONSTANT", "retry"],
  ["UND_ERR_INVALID_ARG", "reject"],
  ["ERR_PRIVATE_ADDRESS", "reject"],
])("error %s is %s", (code, kind) => {
  expect(outcomeOfError(failure(code), "http://h", same)).toMatchObject({
    kind,
    reason: expect.stringContaining("boom"),
  });
});

describe("messages of errors", () => {
  test.each([
    [
      "a proxy that asks for a login",
      failure("UND_ERR_INVALID_ARG", "Proxy Authentication Required (407)"),
      "unavailable",
      "407",
    ],
    [
      "a proxy that refuses",
      failure("UND_ERR_ABORTED", "Proxy response (403) !== 200 when HTTP Tunneling"),
      "unavailable",
      "403",
    ],
    [
      "all addresses refused",
      Object.assign(new AggregateError([new Error("connect ECONNREFUSED ::1:1")]), { code: "ECONNREFUSED" }),
      "unavailable",
      "connect ECONNREFUSED ::1:1",
    ],
    ["something else thrown", "text", "retry", "text"],
  ])("%s", (_, error, kind, words) => {
    expect(outcomeOfError(error, "http://h", same)).toMatchObject({ kind, reason: expect.stringContaining(words) });
  });
});

test.each([
  ["a".repeat(1024), "a".repeat(1024)],
  ["a".repeat(1025), `${"a".repeat(1021)}…`],
  ["ü".repeat(600), `${"ü".repeat(510)}…`],
])("an answer is cut to 1 KB between characters", (text, expected) => {
  expect(responseText(text, same)).toBe(expected);
});

test("a secret is masked before the cut, so that no half of it stays", () => {
  const redact = (text: string): string => text.replaceAll("secret", "***");
  expect(responseText(`${"a".repeat(1018)}secret${"b".repeat(100)}`, redact)).toBe(`${"a".repeat(1018)}***…`);
});

test("401 says what the target said", () => {
  const answer = { target: "http://h", status: 401, headers: {}, text: "bad\n  key", truncated: false };
  expect(outcomeOfStatus(answer, { clock, redact: same })).toEqual({
    kind: "unavailable",
    reason: "http://h answered 401 Unauthorized: bad key",
  });
});
