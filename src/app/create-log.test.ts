import { expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import { createLog } from "./create-log.ts";

test("JSON lines, with secrets masked by type and by name", async () => {
  const lines: string[] = [];
  const log = await createLog({ level: "info", format: "json", colour: false }, (text) => lines.push(text));
  log.debug({}, "not shown");
  log.child({ part: "x" }).info({ key: new Secret("hunter2"), headers: { authorization: "Bearer hunter2" } }, "sent");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    part: "x",
    key: "***",
    headers: { authorization: "***" },
    msg: "sent",
  });
});

test("readable lines for a terminal", async () => {
  const lines: string[] = [];
  const log = await createLog({ level: "info", format: "pretty", colour: false }, (text) => lines.push(text));
  log.warn({ executor: "icinga2" }, "breaker opened");
  expect(lines.join("")).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: breaker opened \{"executor":"icinga2"\}\n$/);
});
