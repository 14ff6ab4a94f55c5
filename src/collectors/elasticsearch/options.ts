import { z } from "zod";
import { secret } from "../../component/secret.ts";
import { duration, size } from "../../component/units.ts";

const credential = z.union([
  z.strictObject({
    username: z
      .string()
      .regex(/^[^:]*$/)
      .describe("A user of HTTP basic authentication."),
    password: secret().describe("The user's password."),
  }),
  z.strictObject({ api_key: secret().describe("`id:key`, as Beats write it, or its base64 form.") }),
  z.strictObject({ bearer: secret().describe("A token of `Authorization: Bearer`.") }),
]);
export type Credential = z.output<typeof credential>;

const httpUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}, "expected an http or https URL without user name and password");

const teeOptions = z
  .strictObject({
    url: httpUrl.describe("The real cluster, with its path if it has one."),
    ca_file: z.string().optional().describe("Authorities that are trusted instead of the system's, PEM."),
    forward_credentials: z
      .boolean()
      .default(false)
      .describe("Send the sender's own `Authorization` on. Then any request of the sender is passed through."),
    credentials: credential.optional().describe("What is sent instead, when the sender's are not forwarded."),
    setup: z
      .enum(["forward", "answer"])
      .default("forward")
      .describe(
        "Who answers the handshake, templates, policies and pipelines: the real cluster, or the look-alike itself (for a Beat in front of an OpenSearch that it would refuse).",
      ),
    timeout: duration().default(60_000).describe("Of one forwarded request, to the last byte of its answer."),
    connections: z.int().min(1).max(1000).default(16).describe("Connections to the cluster at most."),
  })
  .refine((tee) => !(tee.forward_credentials && tee.credentials), {
    error: "credentials and forward_credentials exclude each other",
    path: ["credentials"],
  });
export type TeeOptions = z.output<typeof teeOptions>;

export const elasticsearchOptions = z
  .strictObject({
    host: z.string().min(1).optional().describe("Address of its own listener; `127.0.0.1` with a port and no host."),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe("Port of its own listener, usually 9200. Without it, it is reached at `path` on the ingest listener."),
    path: z
      .string()
      .regex(/^(\/[A-Za-z0-9._~-]+)+$/)
      .optional()
      .describe("What all its paths begin with: `/elasticsearch/<id>` on the ingest listener, nothing on its own."),
    tls: z
      .strictObject({
        cert_file: z.string().describe("Certificate chain, PEM."),
        key_file: z.string().describe("Private key, PEM."),
        client_ca_file: z.string().optional().describe("Client certificates of this authority are verified."),
      })
      .optional()
      .describe("TLS of its own listener."),
    credentials: z.array(credential).min(1).optional().describe("Any of them lets a sender in."),
    auth: z
      .enum(["none", "cluster"])
      .optional()
      .describe(
        "Instead of `credentials`: `none` says that anyone may send; `cluster` lets in whom the cluster of the tee knows, which is asked once a minute for each.",
      ),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/)
      .default("8.19.0")
      .describe("The version it says it has. The default is accepted by Beats 7, 8 and 9."),
    cluster_name: z.string().min(1).default("squall").describe("The cluster name it says it has."),
    max_payload_size: size().optional().describe("Largest body, also when inflated; `ingest.max_body` without it."),
    max_items: z
      .int()
      .min(1)
      .max(200_000)
      .default(20_000)
      .describe(
        "Items of one bulk request that are committed at once. A request of more is committed in portions; items of a portion that cannot be committed are answered 429 each, which their sender repeats. With `tee` such a request is answered 413.",
      ),
    busy: z
      .enum(["answer", "hang_up"])
      .default("answer")
      .describe(
        "What a request gets that cannot be taken now: `answer` is 429 or 503, which Beats, Logstash, Fluent Bit, Vector, syslog-ng and the clients repeat; `hang_up` ends the connection, for a sender that drops what got such an answer and repeats what got none, such as rsyslog's omelasticsearch.",
      ),
    tee: teeOptions.optional().describe("Commit first, then pass the request on, and answer with its answer."),
  })
  .refine((options) => !(options.tls && options.port === undefined), {
    error: "tls is for a listener of its own: port is missing",
    path: ["tls"],
  })
  .refine((options) => !(options.host !== undefined && options.port === undefined), {
    error: "host is for a listener of its own: port is missing",
    path: ["host"],
  })
  .refine((options) => !(options.auth && options.credentials), {
    error: "auth and credentials exclude each other",
    path: ["auth"],
  })
  .refine((options) => options.auth !== "cluster" || options.tee?.forward_credentials === true, {
    error: "auth: cluster needs a tee with forward_credentials: true",
    path: ["auth"],
  });
export type ElasticsearchOptions = z.output<typeof elasticsearchOptions>;
