/**
 * The mail of a payload. What comes out of events cannot become a header, a recipient or a command: addresses are read
 * by mail-address.ts, subjects lose their line breaks, headers with control characters are refused, and the names of
 * headers that the executor writes itself cannot be given.
 */
import { domainToASCII } from "node:url";
import type { SendMailOptions } from "nodemailer";
import { z } from "zod";
import type { Result } from "../../core/result.ts";
import { printMailAddress, readMailAddress, readMailAddresses, type MailAddress } from "./mail-address.ts";

/** A text that holds exactly one address. */
export const mailAddress = () =>
  z.string().transform((text, context): MailAddress => readOr(readMailAddress(text), context));

const mailAddresses = () =>
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

export const mailPayload = z
  .strictObject({
    to: mailAddresses().describe(
      "Recipients: a text with one or several addresses, or a list with exactly one in each element, so that a value taken from an event cannot add another.",
    ),
    cc: mailAddresses().optional().describe("Recipients of a copy, in the same forms."),
    bcc: mailAddresses().optional().describe("Recipients whom the others do not see, in the same forms."),
    from: mailAddress().optional().describe("Sender instead of that of the options."),
    reply_to: mailAddresses().optional().describe("Where answers go."),
    subject: z.string().describe("Subject; line breaks become spaces."),
    text: z.string().optional().describe("Body as plain text."),
    html: z.string().optional().describe("Body as HTML; mustache templates escape what they put in."),
    headers: headers().optional().describe("More headers, such as `X-Priority` or `References`."),
  })
  .refine((payload) => payload.text !== undefined || payload.html !== undefined, {
    error: "expected text or html",
    path: ["text"],
  });

export type MailPayload = z.output<typeof mailPayload>;

export interface MailDelivery {
  /** The delivery key. */
  readonly key: string;
  readonly nowMs: number;
  /** Whom alone it goes to, where an earlier attempt served the others. */
  readonly only: readonly string[] | undefined;
}

/** As nodemailer takes it; `sender` is that of the options. */
export function mailOf(payload: MailPayload, sender: MailAddress, delivery: MailDelivery): SendMailOptions {
  const { to, cc, bcc, reply_to: replyTo, from = sender, text, html } = payload;
  const recipients = [...to, ...(cc ?? []), ...(bcc ?? [])].map(({ address }) => address);
  return {
    from: { ...from },
    to: to.map((one) => ({ ...one })),
    ...(cc === undefined ? {} : { cc: cc.map((one) => ({ ...one })) }),
    ...(replyTo === undefined ? {} : { replyTo: replyTo.map((one) => ({ ...one })) }),
    envelope: { from: from.address, to: [...new Set(delivery.only ?? recipients)] },
    subject: oneLine(payload.subject),
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
    headers: {
      ...Object.fromEntries(Object.entries(payload.headers ?? {}).map(([name, value]) => [name, String(value)])),
      // So that no out-of-office message answers (RFC 3834).
      "Auto-Submitted": "auto-generated",
    },
    messageId: messageId(from, delivery.key),
    date: new Date(delivery.nowMs),
  };
}

/** The headers of a preview, where blind copies are shown too. */
export function shownHeaders(payload: MailPayload, sender: MailAddress, key: string): Record<string, string> {
  const { to, cc, bcc, reply_to: replyTo, from = sender } = payload;
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
    "message-id": messageId(from, key),
    ...Object.fromEntries(more),
  };
}

const messageId = ({ address }: MailAddress, key: string): string =>
  `<${key}@${domainToASCII(address.slice(address.lastIndexOf("@") + 1)) || "squall.invalid"}>`;

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
