import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail as the server took it. */
export interface SinkMail {
  readonly from: string;
  /** Recipients that were taken. */
  readonly to: readonly string[];
  readonly source: string;
  /** Header fields by lower-case name, unfolded; not decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly user: string | undefined;
  readonly secure: boolean;
}

/** `CODE text` of SMTP; undefined takes what is asked. */
type Reply = string | undefined;

export interface SmtpReplies {
  readonly connect?: () => Reply;
  readonly mailFrom?: (address: string) => Reply;
  readonly rcptTo?: (address: string) => Reply;
  /** `hang`: no reply ever. */
  readonly data?: (mail: SinkMail) => Reply | "hang";
}

export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly SinkMail[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** How the next commands are answered; everything is taken at first. */
  reply(replies: SmtpReplies): void;
  /** Resolves when `count` mails have been sent to it in all, taken or not. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface SmtpSinkOptions {
  /** PEM texts; with `implicit` TLS is spoken from the start, else STARTTLS is offered. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly implicit?: boolean };
  /** The only login that is accepted; without it none is offered. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly size?: number;
}

/** A mail server that records what it is sent, on 127.0.0.1 and a free port. */
export async function smtpSink({ tls, login, size }: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: SinkMail[] = [];
  const waiting = new Set<() => void>();
  let received = 0;
  let connections = 0;
  let replies: SmtpReplies = {};

  const options: SMTPServerOptions = {
    ...(tls ? { key: tls.key, cert: tls.cert, secure: tls.implicit === true } : {}),
    disabledCommands: [...(tls ? [] : ["STARTTLS"]), ...(login ? [] : ["AUTH"])],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    ...(size === undefined ? {} : { size }),
    onConnect(_session, callback) {
      connections++;
      callback(errorOf(replies.connect?.()));
    },
    onAuth({ username, password }, _session, callback) {
      if (username === login?.username && password === login?.password) callback(null, { user: username! });
      else callback(errorOf("535 5.7.8 authentication failed"));
    },
    onMailFrom: ({ address }, _session, callback) => callback(errorOf(replies.mailFrom?.(address))),
    onRcptTo: ({ address }, _session, callback) => callback(errorOf(replies.rcptTo?.(address))),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail: SinkMail = {
          ...readMail(Buffer.concat(chunks).toString("utf8")),
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          user: session.user === undefined ? undefined : String(session.user),
          secure: session.secure,
        };
        const reply = stream.sizeExceeded ? "552 5.3.4 too large" : replies.data?.(mail);
        if (reply === undefined) mails.push(mail);
        received++;
        for (const wake of waiting) wake();
        if (reply !== "hang") callback(errorOf(reply));
      });
    },
  };
  const server = new SMTPServer(options);
  // A client that breaks off is what some tests do; it is no error of the sink.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on an address, not on a pipe.
  const { port } = server.server.address() as AddressInfo;

  return {
    port,
    mails,
    get connections() {
      return connections;
    },
    reply(next) {
      replies = next;
    },
    received: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (received < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function errorOf(reply: Reply): Error | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

function readMail(source: string): Pick<SinkMail, "source" | "headers" | "body"> {
  const end = source.indexOf("\r\n\r\n");
  const lines = source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { source, headers, body: source.slice(end + 4) };
}
