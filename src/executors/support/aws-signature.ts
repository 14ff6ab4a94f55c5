/**
 * Signature Version 4 of AWS requests, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html. Signed are
 * host, date, content type, session token and body; headers added afterwards are left out of the signature.
 */
import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../../component/secret.ts";
import type { HttpMethod } from "./http-exchange.ts";

export interface AwsCredentials {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | undefined;
}

export interface AwsRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AwsScope {
  readonly region: string;
  /** The name that the service signs under, such as `sns`. */
  readonly service: string;
  readonly nowMs: number;
}

/** The request's headers with `authorization`, `x-amz-date` and, where there is one, the session token. */
export async function signAwsRequest(
  { method, url, headers, body }: AwsRequest,
  credentials: AwsCredentials,
  { region, service, nowMs }: AwsScope,
): Promise<Record<string, string>> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: accessKeyId.reveal(),
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    },
  });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(nowMs) });
  // The HTTP client writes the host itself, the same one.
  const { host: _, ...rest } = signed.headers;
  return rest;
}

/** What the signer takes for a hash: SHA-256, or its HMAC when there is a key. */
class Sha256 {
  readonly #key: Bytes | undefined;
  #hash;
  constructor(key?: Bytes) {
    this.#key = key;
    this.#hash = hashOf(key);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    this.#hash = hashOf(this.#key);
  }
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

const hashOf = (key: Bytes | undefined) =>
  key === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(key));

const bytesOf = (key: Bytes): string | NodeJS.ArrayBufferView =>
  key instanceof ArrayBuffer ? new Uint8Array(key) : (key as string | NodeJS.ArrayBufferView); // every view is one of Node's
