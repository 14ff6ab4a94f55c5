/** TLS client authentication in Tornado's form, and one HTTP client per set of certificates that payloads name. */
import { z } from "zod";
import { AppError } from "../../component/app-error.ts";
import { reject, retry, type Outcome } from "../../core/delivery/outcome.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { createHttpClient, type HttpClient, type HttpClientDeps, type TlsSettings } from "./http-client.ts";
import { readPem } from "./http-options.ts";

/** Different certificates of payloads that are kept open. */
const MAX_CLIENTS = 32;

/** Tornado's form of authentication. */
export const pemAuth = () =>
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("None").describe("No client certificate.") }),
    z.strictObject({
      type: z.literal("PemCertificatePath").describe("TLS client authentication."),
      certificate_path: z.string().describe("PEM file of the client certificate."),
      private_key_path: z.string().describe("PEM file of its key."),
      ca_certificate_path: z.string().describe("PEM file of the authority to trust."),
    }),
  ]);
export type PemAuth = z.output<ReturnType<typeof pemAuth>>;

/** One client per set of certificates: that of the options, and those that payloads name. */
export function createPemClients(own: TlsSettings, maxAnswerBytes: number, deps: HttpClientDeps) {
  const create = (tls: TlsSettings): HttpClient => createHttpClient({ tls, maxAnswerBytes }, deps);
  const standard = create(own);
  const others = new Map<string, HttpClient>();

  return {
    of(certificates: PemAuth | undefined): Result<HttpClient, Outcome> {
      if (certificates === undefined) return ok(standard);
      const key = JSON.stringify(certificates);
      const found = others.get(key);
      if (found) return ok(found);
      if (others.size >= MAX_CLIENTS)
        return err(reject(`payload.auth: more than ${MAX_CLIENTS} different certificates`));
      try {
        const client = create(readPemAuth(certificates));
        others.set(key, client);
        return ok(client);
      } catch (error) {
        // A file that is missing now may be in the middle of its renewal.
        if (error instanceof AppError) return err(retry(deps.redact(error.message)));
        throw error;
      }
    },
    async close(): Promise<void> {
      await Promise.all([standard, ...others.values()].map((client) => client.close()));
    },
  };
}

/** Throws AppError `configuration`. */
export function readPemAuth(certificates: PemAuth): TlsSettings {
  if (certificates.type === "None") return {};
  return {
    ca: readPem("auth.ca_certificate_path", certificates.ca_certificate_path),
    certificate: readPem("auth.certificate_path", certificates.certificate_path),
    privateKey: readPem("auth.private_key_path", certificates.private_key_path),
  };
}
