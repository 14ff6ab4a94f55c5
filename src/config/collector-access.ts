/** A collector that anyone on a network may post to is a mistake unless the file says that it is meant. */
import { isIP } from "node:net";
import type { CollectorType } from "../component/define-collector.ts";
import type { IssueSink } from "../core/diagnostic.ts";
import { isObject, member, type JsonObject } from "../core/json.ts";
import { keysAt, layersOf, schemasAt } from "./schema/walk-schema.ts";
import type { Settings } from "./settings.ts";

/** Any of these says who may send, `auth: none` included. */
const CREDENTIALS = ["auth", "token", "tokens", "credentials"];

export function checkAccess(type: CollectorType, options: JsonObject, settings: Settings, issues: IssueSink): void {
  const keys = keysAt(type.options, []);
  const takesCredentials = keys.some((key) => CREDENTIALS.includes(key));
  if (!takesCredentials) return; // it goes to its source itself
  // One that listens itself does so on loopback unless it says otherwise.
  const host = member(options, "host") ?? (keys.includes("host") ? "127.0.0.1" : settings.ingest.host);
  const byClientCa = clientCaIsCredential(type);
  const isOpen = !CREDENTIALS.some((key) => Object.hasOwn(options, key)) && !(byClientCa && hasClientCa(options));
  if (isOpen && typeof host === "string" && !isLoopback(host))
    issues.error(
      "open-collector",
      "whoever reaches its listener, which is not on loopback, may send events to this collector",
      {
        accepted: `${waysOf(keys, byClientCa).join(", ")}; auth: none if that is meant`,
      },
    );
  const auth = member(options, "auth");
  if (
    auth !== undefined &&
    asksForCertificate(auth) &&
    !keys.includes("tls") &&
    (settings.ingest.tls?.clientCaFile ?? null) === null
  )
    issues
      .at("auth")
      .error("no-client-ca", "client certificates are asked for, but the ingest listener verifies none", {
        accepted: "ingest.tls.client_ca_file in config/squall.yaml",
      });
}

const waysOf = (keys: readonly string[], byClientCa: boolean): readonly string[] => [
  ...keys.filter((key) => CREDENTIALS.includes(key)),
  ...(byClientCa ? [CLIENT_CA.join(".")] : []),
];

const CLIENT_CA = ["tls", "client_ca_file"];

/** With it its listener lets in nobody without a certificate; verifying those that are shown would not be enough. */
const clientCaIsCredential = (type: CollectorType): boolean =>
  schemasAt(type.options, CLIENT_CA)
    .flatMap(layersOf)
    .some((layer) => layer.meta()?.["credential"] === true);

function hasClientCa(options: JsonObject): boolean {
  const tls = member(options, "tls");
  return isObject(tls) && Object.hasOwn(tls, "client_ca_file");
}

const asksForCertificate = (auth: unknown): boolean =>
  Array.isArray(auth)
    ? auth.some(asksForCertificate)
    : isObject(auth as JsonObject) && Object.hasOwn(auth as JsonObject, "client_certificate");

/** Names are taken for foreign ones but `localhost`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost" || bare === "::1") return true;
  return isIP(bare) === 4 && bare.startsWith("127.");
}
