/** Who may send: the token in any of the places where senders put it, compared in constant time. */
import type { HttpRequest } from "../../component/http-mount.ts";
import { createAccepted, fromBase64, readAuthorization } from "../support/accepted-secrets.ts";
import type { HecAnswer } from "./hec-reply.ts";
import type { SplunkHecOptions } from "./options.ts";

/** What a request is refused with; null: it may enter. Without tokens anyone may. */
export function createHecAccess(options: SplunkHecOptions): (request: HttpRequest) => HecAnswer | null {
  const tokens = options.tokens ?? (options.token ? [options.token] : []);
  if (tokens.length === 0) return () => null;
  const isToken = createAccepted(tokens.map((token) => token.reveal()));
  const verdict = (token: string): HecAnswer | null => (isToken(token) ? null : "invalidToken");
  return ({ headers, query }) => {
    if (headers.authorization !== undefined) {
      const { scheme, value } = readAuthorization(headers.authorization);
      if (value === "") return "invalidAuthorization";
      if (scheme === "splunk" || scheme === "bearer") return verdict(value);
      if (scheme !== "basic") return "invalidAuthorization";
      const plain = fromBase64(value);
      return verdict(plain.slice(plain.indexOf(":") + 1));
    }
    const token = query.get("token");
    if (token === null) return "tokenRequired";
    return options.query_token ? verdict(token) : "queryToken";
  };
}
