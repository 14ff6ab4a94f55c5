import { expect, test } from "vitest";
import { delivered, reject, retry, superseded, unavailable, type Outcome } from "../core/delivery/outcome.ts";
import { verdictOf } from "./verdict.ts";

const missing = retry("404", { giveUp: { code: "object_missing", forMs: 1 } });

test.each<[readonly Outcome[], object]>([
  [[], { kind: "none" }],
  [[delivered()], { kind: "success" }],
  [[superseded("newer")], { kind: "success" }],
  [[reject("400")], { kind: "success" }],
  [[missing], { kind: "success" }],
  [[retry("500")], { kind: "failure" }],
  [[retry("500"), retry("429")], { kind: "failure" }],
  [[retry("500"), delivered()], { kind: "success" }],
  [[delivered(), unavailable("401")], { kind: "unavailable" }],
  [[unavailable("shutting down", 5000)], { kind: "unavailable", retryAfterMs: 5000 }],
])("%j is %j", (answers, verdict) => expect(verdictOf(answers)).toEqual(verdict));
