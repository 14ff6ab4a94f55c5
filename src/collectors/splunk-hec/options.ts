import { z } from "zod";
import { secret } from "../../component/secret.ts";
import { size } from "../../component/units.ts";

export const splunkHecOptions = z
  .strictObject({
    token: secret()
      .optional()
      .describe("The token: `Authorization: Splunk TOKEN`, the password of basic, or `?token=`."),
    tokens: z.array(secret()).min(1).optional().describe("Several valid tokens instead of `token`, for rotation."),
    auth: z.literal("none").optional().describe("Says that anyone may send; instead of a token."),
    query_token: z.boolean().default(true).describe("Take the token from the query too."),
    host: z.string().min(1).optional().describe("Address of its own listener; `127.0.0.1` with a port and no host."),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe("Port of its own listener, usually 8088. Without it, it is on the ingest listener."),
    path: z
      .string()
      .regex(/^(\/[A-Za-z0-9._~-]+)+$/)
      .default("/services/collector")
      .describe("What its paths begin with; of several on one listener each needs its own."),
    tls: z
      .strictObject({
        cert_file: z.string().describe("Certificate chain, PEM."),
        key_file: z.string().describe("Private key, PEM."),
        client_ca_file: z.string().optional().describe("Client certificates of this authority are verified."),
      })
      .optional()
      .describe("TLS of its own listener."),
    acks: z
      .boolean()
      .default(true)
      .describe("Requests with a channel get an `ackId`; without, or when false, the 200 alone says it."),
    raw: z
      .enum(["auto", "lines"])
      .default("auto")
      .describe(
        "What is posted to `/raw`: JSON where it is JSON and lines of text elsewhere, or lines of text always.",
      ),
    max_payload_size: size().optional().describe("Largest body, also when inflated; `ingest.max_body` without it."),
  })
  .refine((options) => !(options.token && options.tokens), {
    error: "token and tokens exclude each other",
    path: ["tokens"],
  })
  .refine((options) => !(options.auth && (options.token ?? options.tokens)), {
    error: "auth: none and a token exclude each other",
    path: ["auth"],
  })
  .refine((options) => !(options.tls && options.port === undefined), {
    error: "tls is for a listener of its own: port is missing",
    path: ["tls"],
  })
  .refine((options) => !(options.host !== undefined && options.port === undefined), {
    error: "host is for a listener of its own: port is missing",
    path: ["host"],
  });
export type SplunkHecOptions = z.output<typeof splunkHecOptions>;
