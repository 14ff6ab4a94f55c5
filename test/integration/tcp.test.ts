/** Events as Tornado's own collectors write them, into the whole application. */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archivingApp, type ArchivingApp } from "../kit/archiving-app.ts";
import { freePort, until } from "../kit/squall-process.ts";

const port = await freePort();
let app: ArchivingApp;
const sockets: Socket[] = [];
beforeAll(async () => {
  app = await archivingApp({ "tornado.yaml": { id: "tornado", type: "tcp", port } });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await app.remove();
});

function sender(): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

const TRAP = {
  type: "snmptrapd",
  created_ms: 1714641247123,
  payload: {
    protocol: "UDP",
    src_ip: "192.0.2.7",
    src_port: "41543",
    dest_ip: "192.0.2.1",
    PDUInfo: { version: "1", errorstatus: "0", community: "public" },
    oids: { "1.3.6.1.6.3.1.1.4.1.0": { datatype: "OID", content: ".1.3.6.1.4.1.8072.2.3.0.1" } },
  },
};
const SYSLOG = {
  type: "syslog",
  created_ms: 1714641247999,
  payload: { hostname: "lab-a", programname: "sshd", "syslogseverity-text": "info", msg: " Failed password" },
};

test("a trap of snmptrapd, a line of rsyslog; a tenant cannot be claimed", async () => {
  const socket = sender();
  socket.write(`${JSON.stringify(TRAP)}\n`);
  socket.write(
    `${JSON.stringify({ ...SYSLOG, metadata: { tenant_id: "root", trace_context: {} }, trace_id: "t" })}\r\n`,
  );
  await until(() => app.events().length === 2);
  expect(app.events()).toMatchObject([TRAP, SYSLOG]);
  expect(app.events()[1]).toMatchObject({ metadata: { trace_context: {} }, trace_id: "t" });
  expect(app.events()[1]!.metadata).not.toHaveProperty("tenant_id");
});

test("a bad line spoils only itself", async () => {
  const before = app.events().length;
  sender().write(`rubbish\n{"type":5}\n${JSON.stringify(TRAP)}\n`);
  await until(() => app.events().length === before + 1);
});

test("many senders at once, each in its order; an end without an end of line", async () => {
  const lines = (s: number): string =>
    Array.from({ length: 500 }, (_, n) => JSON.stringify({ ...TRAP, type: `many-${s}`, payload: { n } })).join("\n");
  for (let s = 0; s < 8; s++) sender().end(lines(s));
  await until(() => app.events().filter(({ type }) => type.startsWith("many-")).length === 4000);
  for (let s = 0; s < 8; s++) {
    const own = app.events().filter(({ type }) => type === `many-${s}`);
    expect(own.map(({ payload }) => payload["n"])).toEqual(Array.from({ length: 500 }, (_, n) => n));
  }
});

test("what was read before a stop is there after it", async () => {
  const socket = sender();
  for (let n = 0; n < 200; n++) socket.write(`${JSON.stringify({ ...TRAP, type: "stop", payload: { n } })}\n`);
  await until(() => app.events().some(({ type }) => type === "stop"));
  await app.restart();
  const stopped = app.events().filter(({ type }) => type === "stop");
  expect(stopped.map(({ payload }) => payload["n"])).toEqual(stopped.map((_, n) => n));
  const again = sender();
  again.write(`${JSON.stringify({ ...TRAP, type: "after" })}\n`);
  await until(() => app.events().some(({ type }) => type === "after"));
});
