/**
 * Who may post. Comparisons take the same time wherever the values differ and whatever their length, and all accepted
 * values are compared, so that the time does not tell which of them was nearly met.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../component/http-mount.ts";
import type { Secret } from "../component/secret.ts";
import { credentialWays, type CredentialWay, type WebhookOptions } from "./webhook-options.ts";

export interface Credentials {
  /** Before the body is read. `signed`: only the body can tell, see `verify`. */
  check(request: HttpRequest): "granted" | "refused" | "signed";
  /** Does a signature of this request fit its body as sent? */
  verify(request: HttpRequest, body: Buffer): boolean;
  /** For `WWW-Authenticate`. */
  readonly challenge: string;
  /** Lower-case names of headers that hold secrets. */
  readonly secretHeaders: ReadonlySet<string>;
}

type Check = (request: HttpRequest) => boolean;
/** Is this one of the accepted values? */
type IsAccepted = (candidate: string) => boolean;
interface Hmac {
  readonly header: string;
  readonly prefix: string | undefined;
  readonly secrets: readonly string[];
}

export function createCredentials(options: WebhookOptions): Credentials {
  const ways = credentialWays(options);
  const secrets = options.tokens ?? (options.token ? [options.token] : []);
  const isToken = acceptsAnyOf(secrets.map((each) => each.reveal()));
  const checks: Check[] = [];
  const hmacs: Hmac[] = [];
  for (const way of ways) {
    if (typeof way === "object" && "hmac" in way) hmacs.push(hmacOf(way.hmac));
    else checks.push(checkOf(way, isToken));
  }
  return {
    check(request) {
      for (const check of checks) if (check(request)) return "granted";
      for (const { header } of hmacs) if (request.headers[header] !== undefined) return "signed";
      return "refused";
    },
    verify: (request, body) => hmacs.some((hmac) => signatureFits(hmac, request, body)),
    challenge: [...new Set(ways.map(challengeOf))].join(", "),
    secretHeaders: new Set([
      "authorization",
      "proxy-authorization",
      "cookie",
      ...ways.flatMap((way) => (typeof way === "object" && "header" in way ? [way.header] : [])),
    ]),
  };
}

function checkOf(way: Exclude<CredentialWay, { hmac: unknown }>, isToken: IsAccepted): Check {
  if (way === "none") return () => true;
  if (way === "token") return (request) => tokenIn(request, isToken);
  if ("header" in way) {
    return ({ headers }) => {
      const value = headers[way.header];
      return typeof value === "string" && isToken(value);
    };
  }
  if ("basic" in way) {
    const isUser = acceptsAnyOf(way.basic.map(({ username, password }) => `${username}:${password.reveal()}`));
    return ({ headers }) => {
      const [scheme, value] = authorization(headers.authorization as string | undefined);
      return scheme === "basic" && isUser(fromBase64(value));
    };
  }
  const { subjects } = way.client_certificate;
  return ({ clientCertificate }) =>
    clientCertificate !== null && (subjects.length === 0 || subjects.includes(clientCertificate));
}

/** `?token=`, or the value of `Authorization`; Basic and ApiKey may wrap it as base64 of `name:token`. */
function tokenIn(request: HttpRequest, isToken: IsAccepted): boolean {
  const [scheme, value] = authorization(request.headers.authorization as string | undefined);
  if (scheme === "bearer" || scheme === "splunk") return isToken(value) || queryToken(request, isToken);
  if (scheme === "basic" || scheme === "apikey") {
    const plain = fromBase64(value);
    if (isToken(value) || isToken(plain.slice(plain.indexOf(":") + 1))) return true;
  }
  return queryToken(request, isToken);
}

function queryToken(request: HttpRequest, isToken: IsAccepted): boolean {
  const value = request.query.get("token");
  return value !== null && isToken(value);
}

/** Lower-case scheme and the rest. Node joins nothing here: a second Authorization header is ignored. */
function authorization(header: string | undefined): readonly [string, string] {
  if (header === undefined) return ["", ""];
  const space = header.indexOf(" ");
  return space < 0 ? ["", ""] : [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
}

const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** Values are compared with their lengths, padded to one width, so that nothing depends on either. */
function acceptsAnyOf(accepted: readonly string[]): IsAccepted {
  const width = Math.max(MIN_WIDTH, ...accepted.map((each) => Buffer.byteLength(each)));
  const padded = (text: string, into: Buffer): Buffer => {
    into.fill(0);
    into.writeUInt32LE(into.write(text, LENGTH_BYTES), 0);
    return into;
  };
  const values = accepted.map((each) => padded(each, Buffer.alloc(LENGTH_BYTES + width)));
  const scratch = Buffer.alloc(LENGTH_BYTES + width);
  return (candidate) => {
    if (Buffer.byteLength(candidate) > width) return false;
    padded(candidate, scratch);
    let fits = false;
    for (const each of values) fits = timingSafeEqual(scratch, each) || fits;
    return fits;
  };
}

const MIN_WIDTH = 128;
const LENGTH_BYTES = 4;

const hmacOf = ({
  header,
  prefix,
  secrets,
}: {
  header: string;
  prefix?: string | undefined;
  secrets: readonly Secret[];
}): Hmac => ({
  header,
  prefix,
  secrets: secrets.map((each) => each.reveal()),
});

function signatureFits({ header, prefix, secrets }: Hmac, request: HttpRequest, body: Buffer): boolean {
  const value = request.headers[header];
  if (typeof value !== "string") return false;
  const lead = prefix ?? (value.startsWith("sha256=") ? "sha256=" : "");
  if (!value.startsWith(lead)) return false;
  const text = value.slice(lead.length).trim();
  const signature = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (signature.length !== 32) return false;
  let fits = false;
  for (const key of secrets) fits = timingSafeEqual(signature, createHmac("sha256", key).update(body).digest()) || fits;
  return fits;
}

function challengeOf(way: CredentialWay): string {
  if (way === "token" || way === "none") return 'Bearer realm="squall"';
  if ("basic" in way) return 'Basic realm="squall", charset="UTF-8"';
  if ("header" in way) return `Token realm="squall", header="${way.header}"`;
  if ("hmac" in way) return `HMAC-SHA256 realm="squall", header="${way.hmac.header}"`;
  return 'ClientCertificate realm="squall"';
}
