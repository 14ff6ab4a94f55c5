/**
 * Who may ask the admin listener what.
 *
 * A token is shown as `Authorization: Bearer …` and compared by hash in constant time. `Host` must be a name of
 * `allowed_hosts` or the very address the request came in at: a page of a foreign site that has its name resolve to
 * this machine (DNS rebinding) is turned away by it. `Origin`, which browsers send, must be the `Host` itself.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { AppError } from "../component/app-error.ts";
import type { Access } from "./contract/endpoint.ts";

export interface AccessRules {
  /** SHA-256, hex, of every token that is accepted. */
  readonly tokenHashes: readonly string[];
  /** Of the token that is good for `/metrics` alone. */
  readonly metricsTokenHash?: string | null | undefined;
  readonly allowedHosts: readonly string[];
  /** Peers elsewhere must show a client certificate of the listener's authority. */
  readonly certificates?: boolean;
}

export interface Asker {
  readonly authorization: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Peer and own address of the connection. */
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
  /** A client certificate was shown and verified. */
  readonly certified: boolean;
}

/** Throws AppError `unauthorized` or `forbidden`. */
export function checkAccess(access: Access, asker: Asker, rules: AccessRules): void {
  if (access === "open") return;
  checkHost(asker, rules.allowedHosts);
  // Commands on this machine have the session's token, and no certificate.
  if (rules.certificates === true && !asker.certified && !isLoopback(asker.remoteAddress))
    throw new AppError("forbidden", "no client certificate of admin.tls.client_ca_file was shown");
  if (access !== "token" && asker.authorization === undefined && isLoopback(asker.remoteAddress)) return;
  const token = /^Bearer +(\S+) *$/i.exec(asker.authorization ?? "")?.[1];
  if (token === undefined)
    throw new AppError("unauthorized", "no admin token; accepted: Authorization: Bearer <admin token>");
  const { metricsTokenHash } = rules;
  const hashes =
    access === "metrics" && metricsTokenHash ? [...rules.tokenHashes, metricsTokenHash] : rules.tokenHashes;
  if (!isKnown(token, hashes)) throw new AppError("unauthorized", "the admin token is wrong");
}

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (/^(::ffff:)?127\./.test(address) || address === "::1");

/** Compares with every known token, so that the time says nothing of which one was near. */
export function isKnown(token: string, hashes: readonly string[]): boolean {
  const found = Buffer.from(hashToken(token), "hex");
  let known = false;
  for (const hash of hashes) {
    const expected = Buffer.from(hash, "hex");
    if (expected.length === found.length && timingSafeEqual(expected, found)) known = true;
  }
  return known;
}

function checkHost({ host, origin, localAddress }: Asker, allowed: readonly string[]): void {
  const name = hostName(host);
  const own = localAddress?.replace(/^::ffff:/, "");
  const accepted = name !== undefined && (allowed.some((one) => one.toLowerCase() === name) || name === own);
  if (!accepted)
    throw new AppError(
      "forbidden",
      `the host ${JSON.stringify(host ?? "")} is not allowed; accepted: ${[...allowed, own].filter(Boolean).join(", ")} (admin.allowed_hosts)`,
    );
  if (origin !== undefined && originHost(origin) !== host?.toLowerCase())
    throw new AppError("forbidden", `the origin ${JSON.stringify(origin)} is not the host ${JSON.stringify(host)}`);
}

/** Without the port; IPv6 without its brackets. */
function hostName(host: string | undefined): string | undefined {
  const name = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@]+))(?::\d+)?$/i.exec(host ?? "");
  if (!name) return undefined;
  if (name[1] !== undefined) return isIP(name[1]) === 6 ? name[1].toLowerCase() : undefined;
  return name[2]!.toLowerCase();
}

const originHost = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
