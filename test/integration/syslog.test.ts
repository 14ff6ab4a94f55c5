/** Messages of `logger` (util-linux) and of a real rsyslogd, in the forms that they send. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archivingApp, type ArchivedEvent, type ArchivingApp } from "../kit/archiving-app.ts";
import { freePort, until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const [port, tlsPort] = [await freePort(), await freePort()];
const target = (more: string): string => `target="127.0.0.1" port="${port}" ${more}`;
const FORWARDS = {
  "udp-3164": target('protocol="udp" template="RSYSLOG_TraditionalForwardFormat"'),
  "udp-iso": target('protocol="udp" template="RSYSLOG_ForwardFormat"'),
  "tcp-5424": target('protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"'),
  "counted-5424": target('protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'),
  "counted-3164": target('protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_TraditionalForwardFormat"'),
  "tls-5424": `target="127.0.0.1" port="${tlsPort}" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid" template="RSYSLOG_SyslogProtocol23Format"`,
};
const config = [
  `global(DefaultNetstreamDriverCAFile="${resolve("test/fixtures/tls/ca.crt")}")`,
  ...Object.entries(FORWARDS).map(
    ([tag, forward]) =>
      `if $programname == "${tag}" then action(type="omfwd" ${forward} action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.timeoutEnqueue="0")`,
  ),
].join("\n");
const service = await startService("rsyslog", {}, config);

const logger = (...args: readonly string[]): Promise<void> =>
  new Promise((done, reject) =>
    execFile("logger", args, (error, _stdout, stderr) => (error ? reject(new Error(stderr)) : done())),
  );

let app: ArchivingApp;
const byTag = (tag: string): readonly ArchivedEvent[] =>
  app.events().filter(({ payload }) => payload["app_name"] === tag);
const arrived = (tag: string, count: number): Promise<void> => until(() => byTag(tag).length >= count);

beforeAll(async () => {
  const tls = { cert_file: resolve("test/fixtures/tls/server.crt"), key_file: resolve("test/fixtures/tls/server.key") };
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone; // that of the senders, which run here
  app = await archivingApp({
    "syslog.yaml": { id: "syslog", type: "syslog", port, timezone },
    "secure.yaml": { id: "secure", type: "syslog", port: tlsPort, tls },
  });
});
afterAll(async () => {
  await service.remove();
  await app.remove();
});

const AUTH_CRIT = {
  priority: 34,
  facility_name: "auth",
  severity_name: "crit",
  severity_level: "critical",
};

describe("logger", () => {
  test.each([
    ["UDP, RFC 5424", "l-udp-5424", ["--udp", "--rfc5424"]],
    ["UDP, RFC 3164", "l-udp-3164", ["--udp", "--rfc3164"]],
    ["TCP, RFC 5424, lines", "l-tcp-5424", ["--tcp", "--rfc5424"]],
    ["TCP, RFC 5424, counted", "l-counted-5424", ["--tcp", "--octet-count", "--rfc5424"]],
    ["TCP, RFC 3164, counted", "l-counted-3164", ["--tcp", "--octet-count", "--rfc3164"]],
  ])("%s", async (_name, tag, flags) => {
    const began = Date.now();
    const where = ["--server", "127.0.0.1", "--port", String(port), ...flags];
    await logger(...where, "--tag", tag, "--id=4711", "--priority", "auth.crit", "disk sda: 95 % full, € ä");
    await arrived(tag, 1);
    const [event] = byTag(tag);
    expect(event).toMatchObject({
      type: "syslog",
      payload: { ...AUTH_CRIT, app_name: tag, process_id: "4711", message: "disk sda: 95 % full, € ä" },
    });
    expect(event!.payload["hostname"]).toMatch(/^\S+$/);
    expect(Math.abs(event!.created_ms - began)).toBeLessThan(60_000);
    if (flags.includes("--rfc5424")) expect(event!.payload["structured_data"]).toHaveProperty("timeQuality");
  });

  test("structured data of its own", async () => {
    const where = ["--server", "127.0.0.1", "--port", String(port), "--tcp", "--rfc5424"];
    const data = ["--sd-id", "zoo@123", "--sd-param", 'tiger="hungry"', "--sd-param", 'zebra="a \\"quoted\\" \\] one"'];
    await logger(...where, "--tag", "l-sd", "--msgid", "M1", ...data, "fed");
    await arrived("l-sd", 1);
    expect(byTag("l-sd")[0]!.payload).toMatchObject({
      message_id: "M1",
      message: "fed",
      structured_data: { "zoo@123": { tiger: "hungry", zebra: 'a "quoted" ] one' } },
    });
  });
});

describe.skipIf(service.missing)("rsyslogd", () => {
  const send = (tag: string, ...messages: readonly string[]): Promise<void[]> =>
    Promise.all(
      messages.map((message) =>
        logger("--socket", service.info["socket"]!, "--tag", tag, "--id=4711", "--priority", "auth.crit", message),
      ),
    );

  test.each(Object.keys(FORWARDS))("%s", async (tag) => {
    const began = Date.now();
    await send(tag, "login of <root>: failed [3 times]", "€ ä");
    await arrived(tag, 2);
    const [event] = byTag(tag);
    expect(
      byTag(tag)
        .map(({ payload }) => String(payload["message"]))
        .sort(),
    ).toEqual(["login of <root>: failed [3 times]", "€ ä"]);
    expect(event).toMatchObject({ type: "syslog", payload: { ...AUTH_CRIT, app_name: tag, process_id: "4711" } });
    expect(event!.payload["hostname"]).toMatch(/^\S+$/);
    expect(Math.abs(event!.created_ms - began)).toBeLessThan(60_000);
  });

  test("it connects again after a restart", async () => {
    await app.restart();
    await until(async () => {
      await send("counted-5424", "after the restart"); // what rsyslogd wrote to the old connection is lost
      return byTag("counted-5424").some(({ payload }) => payload["message"] === "after the restart");
    });
  });
});
