/**
 * Mail over SMTP (nodemailer). What comes out of events cannot become a header, a recipient or a command: addresses are
 * read by support/mail-address.ts, subjects lose their line breaks, headers with control characters are refused, and
 * the names of headers that the executor writes itself cannot be given.
 */
import { getCACertificates } from "node:tls";
import { domainToASCII } from "node:url";
import type { SendMailOptions } from "nodemailer";
import { z } from "zod";
import { defineExecutor, type ExecutorDeps, type ExecutorItem } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { printDuration } from "../core/duration.ts";
import { retry } from "../core/delivery/outcome.ts";
import type { Result } from "../core/result.ts";
import type { TlsSettings } from "./support/http-client.ts";
import { loadTls, tlsOptions } from "./support/http-options.ts";
import { printMailAddress, readMailAddress, readMailAddresses, type MailAddress } from "./support/mail-address.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, redactValues } from "./support/redact.ts";
import { isTemporary, outcomeOfSmtpError, outcomeOfSmtpResult, type SmtpError } from "./support/smtp-outcome.ts";

const address = () => z.string().transform((text, context): MailAddress => readOr(readMailAddress(text), context));

const addresses = () =>
  z
    .union([z.string(), z.array(z.string()).min(1)])
    .transform((given, context): readonly MailAddress[] =>
      typeof given === "string"
        ? readOr(readMailAddresses(given), context)
        : given.map((one) => readOr(readMailAddress(one), context)),
    );

function readOr<T>(read: Result<T, string>, context: z.RefinementCtx): T {
  if (read.ok) return read.value;
  context.addIssue({ code: "custom", message: read.error });
  return z.NEVER;
}

const OWN_HEADERS =
  /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|auto-submitted|return-path|received|dkim-signature|content-.*|resent-.*)$/i;

const headers = () =>
  z
    .record(z.string(), z.union([z.string(), z.number()]))
    .refine((given) => Object.keys(given).every((name) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name)), {
      error: "expected names of letters, digits and -",
    })
    .refine((given) => !Object.keys(given).some((name) => OWN_HEADERS.test(name)), {
      error: "there is a header among them that the executor writes itself, or that has a key of its own",
    })
    .refine((given) => !Object.values(given).some((value) => /\p{Cc}/u.test(String(value))), {
      error: "expected values without line breaks and other control characters",
    });

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
    from: address().describe("Sender, `Squall <squall@example.com>`."),
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

const payloadSchema = z
  .strictObject({
    to: addresses().describe(
      "Recipients: a text with one or several addresses, or a list with exactly one in each element, so that a value taken from an event cannot add another.",
    ),
    cc: addresses().optional().describe("Recipients of a copy, in the same forms."),
    bcc: addresses().optional().describe("Recipients whom the others do not see, in the same forms."),
    from: address().optional().describe("Sender instead of that of the options."),
    reply_to: addresses().optional().describe("Where answers go."),
    subject: z.string().describe("Subject; line breaks become spaces."),
    text: z.string().optional().describe("Body as plain text."),
    html: z.string().optional().describe("Body as HTML; mustache templates escape what they put in."),
    headers: headers().optional().describe("More headers, such as `X-Priority` or `References`."),
  })
  .refine((payload) => payload.text !== undefined || payload.html !== undefined, {
    error: "expected text or html",
    path: ["text"],
  });

type Options = z.output<typeof optionsSchema>;
type Payload = z.output<typeof payloadSchema>;

/** Deliveries of which some recipients are still to be served; the oldest is forgotten first. */
const MAX_PARTLY = 1000;

export const email = defineExecutor({
  type: "email",
  summary: "Sends mail through an SMTP server.",
  options: optionsSchema,
  payload: payloadSchema,
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
        const payload = readPayload(payloadSchema, item.payload);
        if (!payload.ok) return payload.error;
        const brokenOff = retry(`the mail to ${target} was broken off`);
        if (signal.aborted) return brokenOff;
        const mail = mailOf(payload.value, item, options, clock.nowMs(), partly.get(item.idempotencyKey));
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
          remember(item.idempotencyKey, rest);
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
        const payload = readPayload(payloadSchema, item.payload);
        if (!payload.ok) return { method: "SMTP", url: target, body: redactJson(item.payload, redact) };
        const { text, html } = payload.value;
        return {
          method: "SMTP",
          url: target,
          headers: redactValues(shownHeaders(payload.value, item, options), redact),
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

/** `rest`: whom alone it goes to, where an earlier attempt served the others. */
function mailOf(
  payload: Payload,
  item: ExecutorItem,
  options: Options,
  nowMs: number,
  rest: readonly string[] | undefined,
): SendMailOptions {
  const { to, cc, bcc, reply_to: replyTo, text, html } = payload;
  const from = payload.from ?? options.from;
  const recipients = [...to, ...(cc ?? []), ...(bcc ?? [])].map(({ address: one }) => one);
  return {
    from: { ...from },
    to: to.map((one) => ({ ...one })),
    ...(cc === undefined ? {} : { cc: cc.map((one) => ({ ...one })) }),
    ...(replyTo === undefined ? {} : { replyTo: replyTo.map((one) => ({ ...one })) }),
    envelope: { from: from.address, to: [...new Set(rest ?? recipients)] },
    subject: oneLine(payload.subject),
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    headers: {
      ...Object.fromEntries(Object.entries(payload.headers ?? {}).map(([name, value]) => [name, String(value)])),
      // So that no out-of-office message answers (RFC 3834).
      "Auto-Submitted": "auto-generated",
    },
    messageId: messageId(from, item),
    date: new Date(nowMs),
  };
}

function shownHeaders(payload: Payload, item: ExecutorItem, options: Options): Record<string, string> {
  const { to, cc, bcc, reply_to: replyTo } = payload;
  const from = payload.from ?? options.from;
  const shown = (name: string, list: readonly MailAddress[] | undefined): Record<string, string> =>
    list === undefined ? {} : { [name]: list.map(printMailAddress).join(", ") };
  const more = Object.entries(payload.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    from: printMailAddress(from),
    ...shown("to", to),
    ...shown("cc", cc),
    ...shown("bcc", bcc),
    ...shown("reply-to", replyTo),
    subject: oneLine(payload.subject),
    "message-id": messageId(from, item),
    ...Object.fromEntries(more),
  };
}

const messageId = ({ address: from }: MailAddress, item: ExecutorItem): string =>
  `<${item.idempotencyKey}@${domainToASCII(from.slice(from.lastIndexOf("@") + 1)) || "squall.invalid"}>`;

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
