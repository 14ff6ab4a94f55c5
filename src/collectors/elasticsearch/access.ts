/** Who may send: basic, `ApiKey base64(id:key)` or bearer, compared in constant time. */
import type { HttpRequest } from "../../component/http-mount.ts";
import { createAccepted, fromBase64, readAuthorization } from "../support/accepted-secrets.ts";
import type { Credential } from "./options.ts";

/** Without credentials anyone may. */
export function createAccess(credentials: readonly Credential[] | undefined): (request: HttpRequest) => boolean {
  if (credentials === undefined) return () => true;
  const isAccepted = createAccepted(credentials.map(keyOf));
  return ({ headers }) => {
    const { scheme, value } = readAuthorization(headers.authorization);
    return isAccepted(`${scheme} ${scheme === "basic" ? fromBase64(value) : value}`);
  };
}

function keyOf(credential: Credential): string {
  if ("username" in credential) return `basic ${credential.username}:${credential.password.reveal()}`;
  if ("bearer" in credential) return `bearer ${credential.bearer.reveal()}`;
  return `apikey ${encodedKey(credential.api_key.reveal())}`;
}

/** The value of `Authorization` that a client of these credentials sends. */
export function authorizationOf(credential: Credential): string {
  if ("username" in credential)
    return `Basic ${Buffer.from(`${credential.username}:${credential.password.reveal()}`).toString("base64")}`;
  if ("bearer" in credential) return `Bearer ${credential.bearer.reveal()}`;
  return `ApiKey ${encodedKey(credential.api_key.reveal())}`;
}

/** Beats write `id:key`, others its base64, which has no colon. */
const encodedKey = (key: string): string => (key.includes(":") ? Buffer.from(key).toString("base64") : key);
