/** How to reach a Kafka cluster: options that collector and executor share, and what kafkajs is given for them. */
import { readFileSync } from "node:fs";
import type { KafkaConfig, SASLOptions } from "kafkajs";
import { z } from "zod";
import { AppError } from "../app-error.ts";
import type { Clock } from "../clock.ts";
import { secret, type Secret } from "../secret.ts";
import { createTokenSource } from "./kafka-oauth.ts";

const login = <M extends string>(mechanism: M) =>
  z.strictObject({
    mechanism: z.literal(mechanism).describe("The mechanism that the listener of the broker offers."),
    username: z.string().min(1).describe("User name."),
    password: secret().describe("Password."),
  });

const saslSchema = () =>
  z.discriminatedUnion("mechanism", [
    login("plain"),
    login("scram-sha-256"),
    login("scram-sha-512"),
    z
      .strictObject({
        mechanism: z.literal("oauth").describe("OAUTHBEARER."),
        token: secret().optional().describe("A token that does not change; else `token_url`."),
        token_url: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe("Where tokens are got (client credentials)."),
        client_id: z.string().min(1).optional().describe("Client id for `token_url`."),
        client_secret: secret().optional().describe("Client secret for `token_url`."),
        scope: z.string().min(1).optional().describe("Scope asked for at `token_url`."),
      })
      .refine((sasl) => (sasl.token === undefined) !== (sasl.token_url === undefined), {
        error: "neither or both of token and token_url are given; accepted: one of them",
        path: ["token"],
      })
      .refine(({ token_url: url, client_id: id, client_secret: key }) => url === undefined || (id && key), {
        error: "token_url needs client_id and client_secret",
        path: ["token_url"],
      }),
  ]);

/** Keys of the options. */
export const kafkaConnectionOptions = {
  brokers: z
    .array(
      z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):\d{1,5}$/, {
        error: ({ input }) => `${JSON.stringify(input)} is no address; accepted: HOST:PORT`,
      }),
    )
    .min(1)
    .describe("Brokers to begin with, `HOST:PORT`; the others of the cluster are learnt from them."),
  client_id: z.string().min(1).default("squall").describe("Name under which the brokers log and meter this client."),
  sasl: saslSchema()
    .optional()
    .describe(
      "Login: `{mechanism: plain|scram-sha-256|scram-sha-512, username, password}` or `{mechanism: oauth, …}`.",
    ),
  tls: z
    .strictObject({
      ca_file: z.string().optional().describe("PEM file of the authorities to trust; the system's without it."),
      cert_file: z.string().optional().describe("PEM file of the client certificate."),
      key_file: z.string().optional().describe("PEM file of its key."),
    })
    .refine(({ cert_file: certificate, key_file: key }) => (certificate === undefined) === (key === undefined), {
      error: "cert_file and key_file go together",
      path: ["key_file"],
    })
    .optional()
    .describe("Speak TLS; `{}` is enough where the broker's certificate is of a known authority."),
};

const shape = z.strictObject(kafkaConnectionOptions);
export type KafkaConnectionOptions = z.output<typeof shape>;

export interface KafkaConnection {
  readonly brokers: readonly string[];
  /** Reads the files and gets a token if there is one to get: new at each connection, since both change. */
  config(): Promise<KafkaConfig>;
  readonly secrets: readonly Secret[];
}

export function createKafkaConnection(
  options: KafkaConnectionOptions,
  deps: { readonly clock: Clock; readonly ca?: string | undefined },
): KafkaConnection {
  const { brokers, client_id: clientId, sasl, tls } = options;
  return {
    brokers,
    secrets: secretsOf(sasl),
    async config() {
      return {
        brokers: [...brokers],
        clientId,
        connectionTimeout: 3000,
        authenticationTimeout: 10_000,
        requestTimeout: 20_000,
        ...(tls === undefined ? {} : { ssl: tlsOf(tls, deps.ca) }),
        ...(sasl === undefined ? {} : { sasl: saslOf(sasl, deps.clock) }),
      };
    },
  };
}

function tlsOf(tls: NonNullable<KafkaConnectionOptions["tls"]>, standardCa: string | undefined) {
  const ca = tls.ca_file === undefined ? standardCa : read("tls.ca_file", tls.ca_file);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(tls.cert_file === undefined ? {} : { cert: read("tls.cert_file", tls.cert_file) }),
    ...(tls.key_file === undefined ? {} : { key: read("tls.key_file", tls.key_file) }),
  };
}

function saslOf(sasl: NonNullable<KafkaConnectionOptions["sasl"]>, clock: Clock): SASLOptions {
  if (sasl.mechanism !== "oauth")
    return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } as SASLOptions; // three alike
  const { token, token_url: url, client_id: id, client_secret: key, scope } = sasl;
  if (token) return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: token.reveal() }) };
  const source = createTokenSource({ url: url!, clientId: id!, clientSecret: key!, scope }, { clock });
  return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await source() }) };
}

function secretsOf(sasl: KafkaConnectionOptions["sasl"]): readonly Secret[] {
  if (!sasl) return [];
  const all = sasl.mechanism === "oauth" ? [sasl.token, sasl.client_secret] : [sasl.password];
  return all.filter((each) => each !== undefined);
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AppError("configuration", `${option}: ${(error as Error).message}`, { cause: error });
  }
}
