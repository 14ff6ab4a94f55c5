/** From an event to a mail: the whole application, and a mail server that is slow to take it. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { request } from "undici";
import { type App, startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import { smtpSink, type SmtpSink } from "../kit/smtp-sink.ts";
import { configFolder, until } from "../kit/squall-process.ts";

const LOGIN = { username: "squall", password: "p@ss/wörd" };
const [key, cert] = ["server.key", "server.crt"].map((name) => readFileSync(`test/fixtures/tls/${name}`, "utf8")) as [
  string,
  string,
];
let server: SmtpSink;
let folder: ReturnType<typeof configFolder>;
let app: App;
let log = "";

beforeAll(async () => {
  server = await smtpSink({ tls: { key, cert }, login: LOGIN });
  folder = configFolder({
    "config/squall.yaml": {
      ingest: { port: 0 },
      admin: { port: 0 },
      executors: {
        email: {
          options: {
            host: "localhost",
            port: server.port,
            from: "Squall <squall@example.com>",
            tls: { ca_file: resolve("test/fixtures/tls/ca.crt") },
            ...LOGIN,
          },
          retry: { max_age: "1m", backoff: { type: "fixed", delay: "50ms" } },
        },
      },
    },
    "collectors/alerts.yaml": { id: "alerts", type: "webhook" },
    "rules/alerts/010_mail.yaml": {
      actions: [
        {
          id: "email",
          payload: {
            to: ["ops@example.com", "${event.payload.owner}"],
            subject: "${event.payload.title}",
            text: "${event.payload.title} on ${event.payload.host}",
            html: { mustache: "<p>{{event.payload.title}} on <b>{{event.payload.host}}</b></p>" },
          },
        },
      ],
    },
  });
  const deps = { env: {}, writeLog: (line: string) => void (log += line), terminal: false, colour: false };
  app = await startApp(
    { dir: folder.dir, set: [] },
    { ...system, ...deps, onCrash: () => () => undefined, stdin: () => Readable.from([]), exit: () => undefined },
  );
});
afterAll(async () => {
  await app?.stop();
  folder?.remove();
  await server?.close();
});

const post = async (payload: object): Promise<void> => {
  const answer = await request(`${app.ingestUrl}/event/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  const text = await answer.body.text();
  expect(answer.statusCode, text).toBe(200);
};

test("a mail arrives, encrypted and after a login, with what the event says as text and nothing else", async () => {
  const title = "disk full\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>";
  await post({ title, host: '<img src="x">', owner: "Owner <owner@example.com>" });
  await until(() => server.mails.length === 1);
  const [mail] = server.mails;
  expect(mail).toMatchObject({ secure: true, user: "squall", to: ["ops@example.com", "owner@example.com"] });
  expect(mail!.headers.get("subject")).toBe("disk full Bcc: evil@example.com <script>alert(1)</script>");
  expect(mail!.headers.has("bcc")).toBe(false);
  expect(mail!.body).toContain("&lt;script&gt;");
  expect(mail!.body.slice(mail!.body.indexOf("text/html"))).not.toMatch(/<script|<img/);
});

test("a server that is busy is asked again until it takes the mail, once and under the same Message-ID", async () => {
  const refused: (string | undefined)[] = [];
  const from = server.mails.length;
  server.reply({
    data: ({ headers }) => (refused.push(headers.get("message-id")) <= 2 ? "452 4.3.1 disk full" : undefined),
  });
  await post({ title: "busy", host: "h1", owner: "owner@example.com" });
  await until(() => server.mails.length === from + 1);
  expect(refused).toHaveLength(3);
  expect(new Set(refused)).toEqual(new Set([server.mails[from]!.headers.get("message-id")]));
});

test("an event that would add a recipient is a dead letter, and the password is in no line of the log", async () => {
  const from = server.mails.length;
  await post({ title: "x", host: "h1", owner: "owner@example.com, evil@example.com" });
  await until(() => log.includes("holds 2 addresses"));
  expect(server.mails).toHaveLength(from);
  expect(log).not.toContain(LOGIN.password);
});
