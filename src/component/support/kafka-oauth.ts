/** Tokens by OAuth 2 client credentials (RFC 6749, 4.4), kept until shortly before they expire. */
import { AppError } from "../app-error.ts";
import type { Clock } from "../clock.ts";
import type { Secret } from "../secret.ts";
import { isObject, member, parseJson } from "../../core/json.ts";

export interface TokenSettings {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string | undefined;
}

/** A token is got anew when less than this is left of its life. */
const SPARE_MS = 30_000;
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;

export function createTokenSource(settings: TokenSettings, deps: { readonly clock: Clock }): () => Promise<string> {
  let kept: { readonly value: string; readonly untilMs: number } | undefined;
  return async () => {
    if (kept && deps.clock.nowMs() < kept.untilMs) return kept.value;
    const { value, lifeMs } = await fetchToken(settings);
    kept = { value, untilMs: deps.clock.nowMs() + lifeMs - SPARE_MS };
    return value;
  };
}

async function fetchToken({ url, clientId, clientSecret, scope }: TokenSettings) {
  const { request } = await import("undici");
  const login = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret.reveal())}`;
  const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) });
  const answer = await request(url, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(login).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: form.toString(),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  let text = "";
  for await (const chunk of answer.body) {
    text += String(chunk);
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  if (answer.statusCode !== 200)
    throw new AppError("unauthorized", `sasl.token_url answered with ${answer.statusCode}; accepted: 200 and a token`);
  const body = parseJson(text);
  const token = body.ok && isObject(body.value) ? member(body.value, "access_token") : undefined;
  if (typeof token !== "string" || token === "")
    throw new AppError("unauthorized", "sasl.token_url answered without an access_token");
  const seconds = body.ok && isObject(body.value) ? member(body.value, "expires_in") : undefined;
  return { value: token, lifeMs: typeof seconds === "number" ? seconds * 1000 : SPARE_MS };
}
