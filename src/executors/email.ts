/** Mail over SMTP (nodemailer): one pool of connections per executor. The mail itself is support/mail-message.ts's. */
import { getCACertificates } from "node:tls";
import { z } from "zod";
import { defineExecutor, type ExecutorDeps } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { printDuration } from "../core/duration.ts";
import { retry } from "../core/delivery/outcome.ts";
import type { TlsSettings } from "./support/http-client.ts";
import { loadTls, tlsOptions } from "./support/http-options.ts";
import { mailAddress, mailOf, mailPayload, shownHeaders } from "./support/mail-message.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, redactValues } from "./support/redact.ts";
import { isTemporary, outcomeOfSmtpError, outcomeOfSmtpResult, type SmtpError } from "./support/smtp-outcome.ts";

const PORTS = { starttls: 587, tls: 465, none: 25 } as const;

const optionsSchema = z
  .strictObject({
    host: z.string().min(1).describe("Name or address of the SMTP server."),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe("Port; without it 587 with `starttls`, 465 with `tls`, 25 with `none`."),
    security: z
      .enum(["starttls", "tls", "none"])
      .default("starttls")
      .describe("`starttls`: encrypted before anything is said, or not sent; `tls`: encrypted from the start."),
    username: z.string().min(1).optional().describe("User name, where the server wants a login."),
    password: secret().optional().describe("Its password."),
    from: mailAddress().describe("Sender, `Squall <squall@example.com>`."),
    name: z
      .string()
      .regex(/^[A-Za-z0-9.:[\]-]+$/, { error: "expected a host name" })
      .optional()
      .describe("Name that the server is greeted with; the host's own without it."),
    tls: tlsOptions().optional().describe("Certificates."),
  })
  .refine((options) => (options.username === undefined) === (options.password === undefined), {
    error: "username and password belong together",
    path: ["password"],
  });

type Options = z.output<typeof optionsSchema>;

/** Deliveries of which some recipients are still to be served; the oldest is forgotten first. */
const MAX_PARTLY = 1000;

export const email = defineExecutor({
  type: "email",
  summary: "Sends mail through an SMTP server.",
  options: optionsSchema,
  payload: mailPayload,
  code: {},
  text: () => ({ subject: "plain", text: "plain", html: "html" }),
  defaults: { concurrency: 4 },
  guarantees:
    "At least once; a repeat has the same Message-ID, made of the delivery key, by which many mail systems drop it. When a server takes a mail for some recipients only, the repeat goes to the others, unless the process was restarted in between. Requests do not go through the proxy of `outbound`.",
  examples: [
    {
      title: "A text to the people on call",
      options: {
        host: "mail.example.com",
        username: "squall",
        password: "change-me",
        from: "Squall <squall@example.com>",
      },
      payload: {
        to: "Ops <ops@example.com>, night@example.com",
        subject: "Print Spooler stopped on h1",
        text: "The service Print Spooler on h1 entered the stopped state.",
      },
      request: {
        method: "SMTP",
        url: "smtp://mail.example.com:587",
        headers: {
          from: "Squall <squall@example.com>",
          to: "Ops <ops@example.com>, night@example.com",
          subject: "Print Spooler stopped on h1",
          "message-id": "<9f86d081884c7d659a2feaa0c55ad015@example.com>",
        },
        body: { text: "The service Print Spooler on h1 entered the stopped state." },
      },
    },
    {
      title: "HTML through a server that speaks TLS from the start",
      options: { host: "mail.example.com", security: "tls", from: "squall@example.com" },
      payload: {
        to: ["ops@example.com"],
        cc: ["lead@example.com"],
        subject: "h1 is down",
        html: "<p><b>h1</b> is down</p>",
        headers: { "X-Priority": 1 },
      },
      request: {
        method: "SMTP",
        url: "smtps://mail.example.com:465",
        headers: {
          from: "squall@example.com",
          to: "ops@example.com",
          cc: "lead@example.com",
          subject: "h1 is down",
          "message-id": "<9f86d081884c7d659a2feaa0c55ad015@example.com>",
          "x-priority": "1",
        },
        body: { html: "<p><b>h1</b> is down</p>" },
      },
    },
  ],
  create(options, deps) {
    const { clock, outbound } = deps;
    const redact = createRedactor([
      options.password,
      options.password && `\0${options.username}\0${options.password.reveal()}`,
      ...(deps.secrets ?? []),
    ]);
    const port = options.port ?? PORTS[options.security];
    const target = `${options.security === "tls" ? "smtps" : "smtp"}://${options.host}:${port}`;
    const settings = poolSettings(options, port, deps);
    // nodemailer is loaded by the first mail.
    let opening: ReturnType<typeof openPool> | undefined;
    const partly = new Map<string, readonly string[]>();
    const remember = (key: string, rest: readonly string[]): void => {
      partly.delete(key);
      if (rest.length > 0) partly.set(key, rest);
      if (partly.size > MAX_PARTLY) partly.delete(partly.keys().next().value!); // it is not empty
    };

    return {
      async execute(item, { signal }) {
        const payload = readPayload(mailPayload, item.payload);
        if (!payload.ok) return payload.error;
        const brokenOff = retry(`the mail to ${target} was broken off`);
        if (signal.aborted) return brokenOff;
        const key = item.idempotencyKey;
        const mail = mailOf(payload.value, options.from, { key, nowMs: clock.nowMs(), only: partly.get(key) });
        const abort = new AbortController();
        const stop = (): void => abort.abort();
        let late = false;
        const cancel = clock.after(outbound.timeoutMs, () => {
          late = true;
          stop();
        });
        signal.addEventListener("abort", stop, { once: true });
        try {
          const pool = await (opening ??= openPool(settings));
          const { accepted = [], rejectedErrors = [] } = await pool.sendMail({ ...mail, signal: abort.signal });
          const refused: readonly SmtpError[] = rejectedErrors;
          const rest = refused.filter(isTemporary).flatMap(({ recipient }) => recipient ?? []);
          remember(key, rest);
          return outcomeOfSmtpResult({ accepted, refused }, target, redact);
        } catch (error) {
          if (late) return retry(`${target} did not take the mail within ${printDuration(outbound.timeoutMs)}`);
          if (signal.aborted) return brokenOff;
          return outcomeOfSmtpError(error as SmtpError, target, redact); // nodemailer throws nothing else
        } finally {
          cancel();
          signal.removeEventListener("abort", stop);
        }
      },
      preview(item) {
        const payload = readPayload(mailPayload, item.payload);
        if (!payload.ok) return { method: "SMTP", url: target, body: redactJson(item.payload, redact) };
        const { text, html } = payload.value;
        return {
          method: "SMTP",
          url: target,
          headers: redactValues(shownHeaders(payload.value, options.from, item.idempotencyKey), redact),
          body: redactJson(
            { ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) },
            redact,
          ),
        };
      },
      async close() {
        (await opening)?.close({ force: true });
      },
    };
  },
});

function poolSettings({ host, security, username, password, name, tls }: Options, port: number, deps: ExecutorDeps) {
  const { outbound } = deps;
  const certificates: TlsSettings = loadTls(tls);
  const ca =
    certificates.ca ?? (outbound.ca === undefined ? undefined : [...getCACertificates("default"), outbound.ca]);
  // nodemailer's own limits are only a backstop, since the executor's clock breaks the mail off first.
  const limitMs = outbound.timeoutMs + 1000;
  return {
    pool: true,
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(username === undefined ? {} : { auth: { user: username, pass: password!.reveal() } }), // they belong together
    ...(name === undefined ? {} : { name }),
    tls: {
      rejectUnauthorized: certificates.verify !== false,
      ...(ca === undefined ? {} : { ca }),
      ...(certificates.certificate === undefined ? {} : { cert: certificates.certificate }),
      ...(certificates.privateKey === undefined ? {} : { key: certificates.privateKey }),
    },
    maxConnections: outbound.concurrency,
    // Another attempt is the dispatcher's.
    maxRequeues: 0,
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    dnsTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  } as const;
}

async function openPool(settings: ReturnType<typeof poolSettings>) {
  const { createTransport } = await import("nodemailer");
  return createTransport(settings);
}
