/** Option and payload keys that HTTP executors share, and what they come to. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../component/app-error.ts";
import type { ExecutorItem } from "../../component/define-executor.ts";
import { secret } from "../../component/secret.ts";

/** An absolute http or https URL without user name and password. */
export const httpUrl = () =>
  z.string().refine((text) => readHttpUrl(text) !== undefined, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is no URL; accepted: http:// or https://, without user name and password`,
  });

/** The URL of a text that `httpUrl` accepts; undefined for every other. */
export function readHttpUrl(text: string, base?: string): URL | undefined {
  const url = URL.parse(text, base);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  return url;
}

export const basicAuth = () =>
  z.strictObject({
    username: z.string().min(1).describe("User name."),
    password: secret().describe("Password."),
  });

export const tlsOptions = () =>
  z.strictObject({
    ca_file: z.string().optional().describe("PEM file of the authorities to trust instead of the system's."),
    certificate_file: z.string().optional().describe("PEM file of the client certificate."),
    private_key_file: z.string().optional().describe("PEM file of the client certificate's key."),
    disable_verification: z.boolean().default(false).describe("Accept any certificate of the target."),
  });

/** Reads a PEM file named by an option. Throws AppError `configuration`. */
export function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new AppError(
      "configuration",
      `${option}: ${JSON.stringify(path)} cannot be read: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

export interface TlsOptions {
  readonly ca_file?: string | undefined;
  readonly certificate_file?: string | undefined;
  readonly private_key_file?: string | undefined;
  readonly disable_verification: boolean;
}

/** The files of a `tls` option, read. Throws AppError `configuration`. */
export function loadTls(tls: TlsOptions | undefined, option = "tls") {
  if (tls === undefined) return {};
  return {
    verify: !tls.disable_verification,
    ...(tls.ca_file === undefined ? {} : { ca: readPem(`${option}.ca_file`, tls.ca_file) }),
    ...(tls.certificate_file === undefined
      ? {}
      : { certificate: readPem(`${option}.certificate_file`, tls.certificate_file) }),
    ...(tls.private_key_file === undefined
      ? {}
      : { privateKey: readPem(`${option}.private_key_file`, tls.private_key_file) }),
  };
}

/** Headers of every delivery: its key, and the sender's trace unchanged (a span of our own would need randomness). */
export const deliveryHeaders = (
  item: Pick<ExecutorItem, "idempotencyKey" | "traceparent">,
): Record<string, string> => ({
  "idempotency-key": item.idempotencyKey,
  ...(item.traceparent === null ? {} : { traceparent: item.traceparent }),
});
