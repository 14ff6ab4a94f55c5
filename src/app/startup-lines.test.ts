import { expect, test } from "vitest";
import { type StartupFacts, startupLines } from "./startup-lines.ts";

const facts: StartupFacts = {
  version: "0.1.0",
  ingestUrl: "http://127.0.0.1:8080",
  adminUrl: "http://127.0.0.1:8081",
  collectors: 1,
  executors: 2,
  rules: 12,
  freshToken: null,
  tokenFile: "/srv/data/admin.token",
  dryRun: [],
  example: null,
};

test("what it listens on", () => {
  expect(startupLines(facts)).toEqual([
    "squall 0.1.0: 1 collector, 12 rules, 2 executors",
    "events   http://127.0.0.1:8080/event/<collector>",
    "admin    http://127.0.0.1:8081",
  ]);
});

test("a token that was made just now, executors in dry run", () => {
  expect(startupLines({ ...facts, freshToken: "abc", dryRun: ["icinga2", "mail"] }).slice(3)).toEqual([
    "token    abc (for the admin API; shown this once, its hash is in /srv/data/admin.token)",
    "dry run  icinga2, mail: requests are logged, not sent",
  ]);
});

test.each<[NonNullable<StartupFacts["example"]>["token"], string]>([
  [{ kind: "none" }, "'http://127.0.0.1:8080/event/eventlog'"],
  [{ kind: "hidden" }, '"http://127.0.0.1:8080/event/eventlog?token=$TOKEN"'],
  [{ kind: "literal", token: "secret_token" }, "'http://127.0.0.1:8080/event/eventlog?token=secret_token'"],
  [{ kind: "literal", token: "a b'&c" }, `'http://127.0.0.1:8080/event/eventlog?token=a%20b'\\''%26c'`],
])("a request to try, token %j", (token, target) => {
  expect(startupLines({ ...facts, example: { collector: "eventlog", token } }).at(-1)).toBe(
    `try      curl -H 'content-type: application/json' -d '{"message":"hello"}' ${target}`,
  );
});
