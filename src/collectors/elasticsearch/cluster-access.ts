/**
 * Who may send, by what the cluster behind says of the sender's credentials: the request that names the user is asked
 * with them before anything is committed. A yes holds for a minute; a no is asked again, for the password may be right
 * by then. Credentials are kept as digests only.
 */
import { createHash } from "node:crypto";
import type { HttpReply, HttpRequest } from "../../component/http-mount.ts";
import type { Result } from "../../core/result.ts";

export type Verdict = { readonly kind: "granted" | "refused" } | { readonly kind: "unknown"; readonly reason: string };

/** Asks the cluster `GET path` with the credentials of `request`. */
export type AskCluster = (request: HttpRequest, path: string) => Promise<Result<HttpReply, string>>;

/** Of Elasticsearch, and of OpenSearch's security. */
const WHO_AM_I = ["/_security/_authenticate", "/_plugins/_security/authinfo"];
const GRANTED_FOR_MS = 60_000;
const MAX_KNOWN = 10_000;

export function createClusterAccess(ask: AskCluster, nowMs: () => number): (request: HttpRequest) => Promise<Verdict> {
  /** Digest → until when; the oldest first. */
  const granted = new Map<string, number>();

  return async (request) => {
    const { authorization } = request.headers;
    if (typeof authorization !== "string" || authorization === "") return { kind: "refused" };
    const digest = createHash("sha256").update(authorization).digest("base64url");
    if ((granted.get(digest) ?? 0) > nowMs()) return { kind: "granted" };
    const verdict = await verdictOf(request);
    granted.delete(digest);
    if (verdict.kind === "granted") granted.set(digest, nowMs() + GRANTED_FOR_MS);
    for (const [oldest] of granted) {
      if (granted.size <= MAX_KNOWN) break;
      granted.delete(oldest);
    }
    return verdict;
  };

  async function verdictOf(request: HttpRequest): Promise<Verdict> {
    let reason = "";
    for (const path of WHO_AM_I) {
      const answer = await ask(request, path);
      if (!answer.ok) return { kind: "unknown", reason: answer.error };
      const { status } = answer.value;
      if (status === 200) return { kind: "granted" };
      if (status === 401 || status === 403) return { kind: "refused" };
      reason = `the cluster answered GET ${path} with status ${status}: is its security on?`;
    }
    return { kind: "unknown", reason };
  }
}
