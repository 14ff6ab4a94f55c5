import { z } from "zod";
import { secret } from "../component/secret.ts";
import { size } from "../component/units.ts";

const headerName = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
    .transform((name) => name.toLowerCase());

const way = z.union([
  z.literal("none"),
  z.literal("token"),
  z.strictObject({ header: headerName().describe("The token is in this header.") }),
  z.strictObject({
    basic: z
      .array(z.strictObject({ username: z.string().regex(/^[^:]*$/), password: secret() }))
      .min(1)
      .describe("Users of HTTP basic authentication."),
  }),
  z.strictObject({
    hmac: z.strictObject({
      header: headerName().describe("The header with the signature, such as `x-hub-signature-256`."),
      prefix: z
        .string()
        .optional()
        .describe("What stands before the signature; absent: `sha256=` or nothing. The rest is hex or base64."),
      secrets: z.array(secret()).min(1).describe("Any of them may have made the signature."),
    }),
  }),
  z.strictObject({
    client_certificate: z.strictObject({
      subjects: z.array(z.string().min(1)).default([]).describe("Common names that are let in; empty: any verified."),
    }),
  }),
]);

export type CredentialWay = z.output<typeof way>;

export const webhookOptions = z
  .strictObject({
    token: secret()
      .optional()
      .describe("What the sender must know: `?token=`, or `Authorization: Bearer|Basic|Splunk|ApiKey`."),
    tokens: z.array(secret()).min(1).optional().describe("Several valid tokens instead of `token`, for rotation."),
    auth: z
      .union([way, z.array(way).min(1)])
      .optional()
      .describe(
        "How the sender shows who it is: `{header: NAME}`, `{basic: [{username, password}]}`, `{hmac: {header, prefix, secrets}}`, `{client_certificate: {subjects}}`, `token` (the default with a token) or `none`; a list means any of them.",
      ),
    max_payload_size: size()
      .optional()
      .describe("Largest body, as sent and inflated; absent: `ingest.max_body`. Units are powers of 1024."),
    split: z.boolean().default(true).describe("A JSON array body is several events; false: one document."),
  })
  .superRefine((options, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    const ways = credentialWays(options);
    const takesToken = ways.some((each) => each === "token" || (typeof each === "object" && "header" in each));
    const hasToken = options.token !== undefined || options.tokens !== undefined;
    if (options.token && options.tokens) issue("tokens", "both token and tokens are given; accepted: one of them");
    if (hasToken && !takesToken)
      issue("auth", "a token is given but auth does not ask for one; accepted: auth with token or {header: NAME}");
    if (takesToken && !hasToken) issue("auth", "auth asks for a token but none is given; accepted: token or tokens");
    if (ways.includes("none") && ways.length > 1)
      issue("auth", "none stands beside other credentials; accepted: alone");
  });

export type WebhookOptions = z.output<typeof webhookOptions>;

/** Without anything configured the collector is open: `["none"]`. */
export function credentialWays(options: Pick<WebhookOptions, "auth" | "token" | "tokens">): readonly CredentialWay[] {
  if (options.auth !== undefined) return Array.isArray(options.auth) ? options.auth : [options.auth];
  return options.token || options.tokens ? ["token"] : ["none"];
}
