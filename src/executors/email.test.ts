import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import type { JsonObject } from "../core/json.ts";
import {
  createTestExecutor,
  describeExecutor,
  EXAMPLE_KEY,
  executorItem,
  type TestExecutor,
} from "../../test/kit/describe-executor.ts";
import {
  smtpSink,
  type SinkMail,
  type SmtpReplies,
  type SmtpSink,
  type SmtpSinkOptions,
} from "../../test/kit/smtp-sink.ts";
import { email } from "./email.ts";

const TLS = join(import.meta.dirname, "../../test/fixtures/tls");
const [key, cert] = ["server.key", "server.crt"].map((file) => readFileSync(join(TLS, file), "utf8")) as [
  string,
  string,
];
const CA_FILE = join(TLS, "ca.crt");
const LOGIN = { username: "squall", password: "p@ss/wörd" };
const mail = { to: "ops@example.com", subject: "disk full", text: "h1: disk full" };

describeExecutor(email, {
  options: () => ({ host: "127.0.0.1", port: 1, from: "squall@example.com" }),
  payload: () => mail,
  badPayloads: {
    "no recipient": { subject: "x", text: "y" },
    "empty list": { ...mail, to: [] },
    "empty text of recipients": { ...mail, to: "" },
    "no address": { ...mail, to: "ops" },
    "two addresses in one element": { ...mail, to: ["a@example.com, b@example.com"] },
    "recipient with a line break": { ...mail, to: "a@example.com\r\nBcc: b@example.com" },
    "sender with a line break": { ...mail, from: "a@example.com\r\nX: y" },
    "nothing to say": { to: "a@example.com", subject: "x" },
    "header with a line break": { ...mail, headers: { "X-A": "b\r\nBcc: c@example.com" } },
    "header name with a colon": { ...mail, headers: { "X-A: b\r\nX": "c" } },
    "header of the executor's own": { ...mail, headers: { Bcc: "c@example.com" } },
    "content type": { ...mail, headers: { "Content-Type": "text/html" } },
    "text as a file": { ...mail, text: { path: "/etc/passwd" } },
    attachments: { ...mail, attachments: [{ path: "/etc/passwd" }] },
  },
});

const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of opened) await one.close();
});
const open = async (options?: SmtpSinkOptions, replies: SmtpReplies = {}): Promise<SmtpSink> => {
  const sink = await smtpSink(options);
  sink.reply(replies);
  opened.push(sink);
  return sink;
};
const create = (options: object, more: Parameters<typeof createTestExecutor>[2] = {}): TestExecutor => {
  const made = createTestExecutor(
    email,
    { host: "127.0.0.1", security: "none", from: "Squall <squall@example.com>", ...options },
    more,
  );
  opened.unshift({ close: async () => made.executor.close?.() });
  return made;
};
const sent = async (payload: JsonObject): Promise<SinkMail> => {
  const sink = await open();
  expect(await create({ port: sink.port }).run(payload)).toEqual({ kind: "delivered" });
  return sink.mails[0]!;
};
const header = ({ headers }: SinkMail, name: string): string | undefined => headers.get(name);

// A connection takes 100 ms, in which the server waits for clients that talk too soon; so the tests run side by side.
describe.concurrent("mails", () => {
  test("headers, recipients and text arrive", async () => {
    const got = await sent({
      to: "Ops <ops@example.com>, b@example.com",
      cc: ["c@example.com"],
      bcc: ["d@example.com", "ops@example.com"],
      reply_to: "desk@example.com",
      subject: "disk full",
      text: "h1: disk full",
      headers: { "X-Priority": 1, "In-Reply-To": "<x@example.com>" },
    });
    expect(got.from).toBe("squall@example.com");
    expect(got.to).toEqual(["ops@example.com", "b@example.com", "c@example.com", "d@example.com"]);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      from: "Squall <squall@example.com>",
      to: "Ops <ops@example.com>, b@example.com",
      cc: "c@example.com",
      "reply-to": "desk@example.com",
      subject: "disk full",
      "message-id": `<${EXAMPLE_KEY}@example.com>`,
      date: "Tue, 14 Nov 2023 22:13:20 +0000",
      "auto-submitted": "auto-generated",
      "x-priority": "1",
      "in-reply-to": "<x@example.com>",
      "content-type": "text/plain; charset=utf-8",
    });
    expect(got.headers.has("bcc")).toBe(false);
    expect(got.source).not.toContain("d@example.com");
    expect(got.body.trim()).toBe("h1: disk full");
  });

  test("text and HTML are alternatives", async () => {
    const got = await sent({ ...mail, html: "<b>disk full</b>" });
    expect(header(got, "content-type")).toMatch(/^multipart\/alternative/);
    expect(got.body).toContain("Content-Type: text/plain; charset=utf-8");
    expect(got.body).toContain("Content-Type: text/html; charset=utf-8");
    expect(got.body).toContain("<b>disk full</b>");
  });

  test("a line break in the subject becomes a space, and no header comes out of it", async () => {
    const got = await sent({ ...mail, subject: "disk\r\nBcc: evil@example.com\r\n\r\nfull\u2028now" });
    expect(header(got, "subject")).toBe("disk Bcc: evil@example.com full now");
    expect(got.to).toEqual(["ops@example.com"]);
    expect(got.headers.has("bcc")).toBe(false);
  });

  test("a line of a dot alone does not end the text", async () => {
    const got = await sent({ ...mail, text: "a\n.\nQUIT\nb" });
    expect(got.body.trim().split("\r\n")).toEqual(["a", ".", "QUIT", "b"]);
  });

  test.each([
    ["Größe > 5", "=?UTF-8?"],
    ["x".repeat(300), "xxx"],
  ])("a subject %j is encoded or folded", async (subject, part) => {
    expect(header(await sent({ ...mail, subject }), "subject")).toContain(part);
  });

  test("the sender of the payload goes before that of the options, with its domain in the Message-ID", async () => {
    const got = await sent({ ...mail, from: "Nacht <nacht@büro.example>" });
    expect(got.from).toBe("nacht@büro.example");
    expect(header(got, "message-id")).toBe(`<${EXAMPLE_KEY}@xn--bro-hoa.example>`);
  });

  test("connections are kept, and no more than the concurrency", async () => {
    const sink = await open();
    const { run } = create({ port: sink.port }, { outbound: { concurrency: 2 } });
    for (let round = 0; round < 3; round++) await Promise.all([1, 2, 3, 4].map(() => run(mail)));
    expect(sink.mails).toHaveLength(12);
    expect(sink.connections).toBeLessThanOrEqual(2);
  });
});

describe.concurrent("TLS and login", () => {
  test.each([
    ["starttls", { key, cert }],
    ["tls", { key, cert, implicit: true }],
  ])("%s with a login", async (security, tls) => {
    const sink = await open({ tls, login: LOGIN });
    const { run } = create({ port: sink.port, security, ...LOGIN, tls: { ca_file: CA_FILE } });
    expect(await run(mail)).toEqual({ kind: "delivered" });
    expect(sink.mails[0]).toMatchObject({ secure: true, user: "squall" });
  });

  test("the authority of `outbound` is trusted", async () => {
    const sink = await open({ tls: { key, cert } });
    const ca = readFileSync(CA_FILE, "utf8");
    const { run } = create({ port: sink.port, security: "starttls" }, { outbound: { ca } });
    expect(await run(mail)).toEqual({ kind: "delivered" });
  });

  test("verification can be turned off", async () => {
    const sink = await open({ tls: { key, cert } });
    const { run } = create({ port: sink.port, security: "starttls", tls: { disable_verification: true } });
    expect(await run(mail)).toEqual({ kind: "delivered" });
  });

  test.each([
    ["a certificate that is not trusted, STARTTLS", { tls: { key, cert } }, { security: "starttls" }],
    ["a certificate that is not trusted, TLS", { tls: { key, cert, implicit: true } }, { security: "tls" }],
    ["a server without STARTTLS", {}, { security: "starttls" }],
    ["a server that does not speak TLS", {}, { security: "tls" }],
    ["a wrong password", { login: LOGIN }, { username: "squall", password: "of-another" }],
    ["a server that wants a login", { login: LOGIN }, {}],
  ] as const)("unavailable, and nothing is sent: %s", async (_, server, options) => {
    const sink = await open(server);
    const { run, logged } = create({ port: sink.port, ...options });
    const outcome = await run(mail);
    expect(outcome).toMatchObject({ kind: "unavailable", reason: expect.stringContaining(`127.0.0.1:${sink.port}`) });
    expect(sink.mails).toEqual([]);
    expect(JSON.stringify([outcome, logged])).not.toContain("of-another");
  });
});

describe.concurrent("what becomes of a mail", () => {
  const outcomeOf = async (replies: SmtpReplies, server?: SmtpSinkOptions, payload: JsonObject = mail) => {
    const sink = await open(server, replies);
    return create({ port: sink.port }).run(payload);
  };

  test.each([
    ["greeting", "connect", "421 4.3.2 busy", "retry"],
    ["greeting", "connect", "554 5.7.1 you are blocked", "unavailable"],
    ["sender", "mailFrom", "451 4.3.0 later", "retry"],
    ["sender", "mailFrom", "530 5.7.0 authentication required", "unavailable"],
    ["sender", "mailFrom", "553 5.1.8 no such sender", "reject"],
    ["recipient", "rcptTo", "450 4.2.0 greylisted", "retry"],
    ["recipient", "rcptTo", "550 5.1.1 no such user", "reject"],
    ["recipient", "rcptTo", "503 5.5.1 out of order", "retry"],
    ["mail", "data", "452 4.3.1 disk full", "retry"],
    ["mail", "data", "552 5.2.2 mailbox full", "reject"],
    ["mail", "data", "554 5.6.0 looks like spam", "reject"],
  ])("the %s (%s) is answered %s → %s", async (_, command, reply, kind) => {
    const outcome = await outcomeOf({ [command]: () => reply });
    expect(outcome).toMatchObject({ kind, reason: expect.stringContaining(reply) });
  });

  test("larger than the server takes is rejected", async () => {
    const text = "x".repeat(5000);
    expect(await outcomeOf({}, { size: 1000 }, { ...mail, text })).toMatchObject({ kind: "reject" });
  });

  test("a refused connection, or a host that is not there, is unavailable", async () => {
    expect(await create({ port: 1 }).run(mail)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await create({ host: "nowhere.invalid", port: 25 }).run(mail)).toMatchObject({ kind: "unavailable" });
  });

  test("a connection that is closed before the greeting is tried again, by the dispatcher alone", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo; // it listens on an address, not on a pipe
    expect(await create({ port }).run(mail)).toMatchObject({ kind: "retry" });
    expect(connections).toBe(1);
    await new Promise((done) => server.close(done));
  });

  test("no reply within the timeout is tried again, and the next mail goes", async () => {
    const sink = await open({}, { data: () => "hang" });
    const { run, clock } = create({ port: sink.port });
    const outcome = run(mail);
    await sink.received(1);
    await clock.advance(10_000);
    expect(await outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("10s") });
    sink.reply({});
    expect(await run(mail)).toEqual({ kind: "delivered" });
  });

  test("abort stops it, before and during the mail", async () => {
    const sink = await open({}, { data: () => "hang" });
    const { run, clock } = create({ port: sink.port });
    expect(await run(mail, {}, AbortSignal.abort())).toMatchObject({ kind: "retry" });
    expect(sink.connections).toBe(0);
    const controller = new AbortController();
    const outcome = run(mail, {}, controller.signal);
    await sink.received(1);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("broken off") });
    expect(clock.pending).toBe(0);
  });

  test("closing ends what is under way", async () => {
    const sink = await open({}, { data: () => "hang" });
    const { run, executor } = create({ port: sink.port });
    const outcome = run(mail);
    await sink.received(1);
    await executor.close?.();
    expect(await outcome).toMatchObject({ kind: "retry" });
  });

  test("a repeat is known by its Message-ID", async () => {
    const sink = await open();
    const { run } = create({ port: sink.port });
    await run(mail);
    await run(mail, { attempts: 1 });
    await run(mail, { idempotencyKey: "other" });
    const ids = sink.mails.map((one) => header(one, "message-id"));
    expect(ids).toEqual([`<${EXAMPLE_KEY}@example.com>`, `<${EXAMPLE_KEY}@example.com>`, "<other@example.com>"]);
  });

  test("recipients that were served are left out of the repeat, those refused for good are noted", async () => {
    const replies = new Map([
      ["b@example.com", "450 4.2.0 greylisted"],
      ["c@example.com", "550 5.1.1 no such user"],
    ]);
    const sink = await open({}, { rcptTo: (address) => replies.get(address) });
    const { run } = create({ port: sink.port });
    const payload = { ...mail, to: "a@example.com, b@example.com, c@example.com" };
    expect(await run(payload)).toMatchObject({
      kind: "retry",
      reason: expect.stringMatching(/b@example.com: 450 .*c@example.com: 550 /),
    });
    replies.delete("b@example.com");
    expect(await run(payload, { attempts: 1 })).toEqual({ kind: "delivered" });
    expect(sink.mails.map(({ to }) => to)).toEqual([["a@example.com"], ["b@example.com"]]);
    expect(header(sink.mails[1]!, "to")).toBe("a@example.com, b@example.com, c@example.com");
    expect(await run({ ...payload, cc: "d@example.com" })).toMatchObject({
      kind: "delivered",
      note: expect.stringContaining("c@example.com: 550 5.1.1 no such user"),
    });
  });

  test("a secret that the server repeats is masked", async () => {
    const sink = await open({}, { data: () => "554 5.6.0 no, of-the-payload" });
    const { run, executor } = create({ port: sink.port }, { secrets: [new Secret("of-the-payload")] });
    const outcome = await run({ ...mail, text: "of-the-payload" });
    const shown = JSON.stringify([outcome, executor.preview(executorItem({ ...mail, subject: "of-the-payload" }))]);
    expect(shown).toContain("no, ***");
    expect(shown).not.toContain("of-the-payload");
  });
});

test.each([
  ["a user without password", { username: "a" }],
  ["a sender that is no address", { from: "squall" }],
  ["unknown security", { security: "ssl" }],
  ["a name with a line break", { name: "a\r\nb" }],
])("options refused: %s", (_, options) => {
  expect(email.options.safeParse({ host: "h", from: "a@example.com", ...options }).success).toBe(false);
});

test.each([
  [{ ...mail, to: "a@example.com, ops" }, 'payload.to: "ops" is no mail address'],
  [{ ...mail, cc: ["a@example.com,b@example.com"] }, 'payload.cc: "a@example.com,b@example.com" holds 2 addresses'],
  [{ ...mail, headers: { "X-A": "b\nc" } }, "payload.headers: expected values without line breaks"],
])("the reason names what is wrong: %j", async (payload, reason) => {
  const { run } = create({ port: 1 });
  expect(await run(payload)).toMatchObject({ kind: "reject", reason: expect.stringContaining(reason) });
});

test("HTML templates escape, the others do not", () => {
  expect(email.text?.({}, {})).toEqual({ subject: "plain", text: "plain", html: "html" });
});
