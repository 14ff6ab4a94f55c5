/** Options of collectors that listen themselves rather than at the ingest listener. */
import { z } from "zod";

export const listenerHost = () => z.string().min(1).default("127.0.0.1").describe("Address to listen at.");

export const listenerPort = (port: number) =>
  z.int().min(0).max(65_535).default(port).describe("Port to listen at; 0 takes a free one, which the log names.");

export const listenerTls = () =>
  z
    .strictObject({
      cert_file: z.string().min(1).describe("PEM file of the certificate and its chain."),
      key_file: z.string().min(1).describe("PEM file of the certificate's key."),
      client_ca_file: z
        .string()
        .min(1)
        .optional()
        .describe("PEM file of the authority whose client certificates are let in; others are not.")
        .meta({ credential: true }),
    })
    .optional()
    .describe("Listen with TLS; with `client_ca_file` every sender must show a certificate.");

export const listenerAuth = () =>
  z
    .union([
      z.literal("none"),
      z.strictObject({
        client_certificate: z
          .strictObject({
            subjects: z
              .array(z.string().min(1))
              .default([])
              .describe("Common names that are let in; empty: any verified."),
          })
          .describe("Which of the verified certificates count."),
      }),
    ])
    .optional()
    .describe(
      "`{client_certificate: {subjects}}` narrows who is let in; `none` says that anyone who reaches the port may send, which beyond loopback must be said.",
    );

export const listenerConnections = () =>
  z.int().min(1).default(1000).describe("Open connections; more are closed as they come.");

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: z.output<ReturnType<typeof listenerTls>>;
  readonly auth?: z.output<ReturnType<typeof listenerAuth>>;
  readonly max_connections: number;
}

/** Certificates cannot be asked for where none are verified. */
export function checkListener(
  options: Pick<ListenerOptions, "tls" | "auth">,
  context: { addIssue(issue: { code: "custom"; path: string[]; message: string }): void },
): void {
  if (typeof options.auth === "object" && options.tls?.client_ca_file === undefined)
    context.addIssue({
      code: "custom",
      path: ["auth"],
      message: "client certificates are asked for, but none are verified; accepted: tls with client_ca_file",
    });
}
