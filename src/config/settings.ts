/**
 * `config/squall.yaml`: every setting with its default and meaning. The schema is in the file's own words; `toSettings`
 * gives what the code reads, with units in the names and paths made absolute.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { secret, type Secret } from "../component/secret.ts";
import { duration, size } from "../component/units.ts";
import { DEFAULT_REGEX_LIMITS, type RegexLimits } from "../core/regex/regex.ts";

const port = () => z.int().min(0).max(65_535);
const host = () => z.string().min(1);

const tls = () =>
  z.strictObject({
    cert_file: z.string().min(1).describe("PEM file of the certificate and its chain."),
    key_file: z.string().min(1).describe("PEM file of the certificate's key."),
    client_ca_file: z.string().min(1).optional().describe("PEM file of the authority whose client certificates count."),
  });

const ingest = z
  .strictObject({
    host: host().default("127.0.0.1").describe("Address that events are taken at."),
    port: port().default(8080).describe("Its port; 0 takes a free one."),
    tls: tls().optional().describe("Serve HTTPS."),
    max_body: size().default(33_554_432).describe("Largest body of one request, as sent and inflated."),
    max_in_flight: size()
      .default(67_108_864)
      .describe("Bytes of requests in hand at once, per collector; more is answered 503."),
    max_connections: z.int().min(1).default(10_000).describe("Open connections; more are closed as they come."),
  })
  .describe("The listener that collectors are reached at.");

const admin = z
  .strictObject({
    host: host().default("127.0.0.1").describe("Address of the admin API, the console and the metrics."),
    port: port().default(8081).describe("Its port; 0 takes a free one."),
    tls: tls().optional().describe("Serve HTTPS."),
    token_hash_file: z
      .string()
      .min(1)
      .default("./data/admin.token")
      .describe("Where the hash of the admin token is kept; the token is made and shown once at the first start."),
    allowed_hosts: z
      .array(z.string().min(1))
      .default(["localhost"])
      .describe("Names under which the listener may be asked (Host, Origin), besides its own address."),
  })
  .describe("The listener for operators.");

const metrics = z
  .strictObject({
    listener: z.enum(["admin", "ingest"]).default("admin").describe("Which listener serves `/metrics`."),
    token: secret().optional().describe("Bearer token for `/metrics`; required on the ingest listener."),
  })
  .superRefine(({ listener, token }, context) => {
    if (listener === "ingest" && token === undefined)
      context.addIssue({
        code: "custom",
        path: ["token"],
        message: "metrics on the ingest listener have no token; accepted: a token of their own",
      });
  })
  .describe("Prometheus metrics.");

const store = z
  .strictObject({
    path: z.string().min(1).default("./data/squall.db").describe("The database file; its folder is made if missing."),
    retention: duration()
      .default(86_400_000)
      .describe("How long identities of events and keys of settled deliveries are known."),
    max_size: size()
      .default(2_147_483_648)
      .describe("Bound of what cannot be reclaimed: deliveries waiting, dead letters, state."),
    history_size: size()
      .default(268_435_456)
      .describe("Bound of delivered payloads kept to look at, oldest out first."),
    dead_letters_size: size().default(268_435_456).describe("Bound of dead letters."),
    commit_timeout: duration()
      .default(10_000)
      .describe("A sender that waits longer for the commit is answered 503 and repeats."),
  })
  .describe("What survives a restart: deliveries, identities, dead letters.");

export const outboundSchema = z.strictObject({
  proxy: z
    .string()
    .refine((text) => /^https?:\/\/./.test(text) && URL.canParse(text), {
      error: "no URL of a proxy; accepted: http://HOST:PORT or https://HOST:PORT",
    })
    .optional()
    .describe("Proxy of requests to targets; the variable HTTPS_PROXY without it."),
  no_proxy: z
    .union([z.string(), z.array(z.string().min(1))])
    .optional()
    .describe("Hosts reached without the proxy: a list, or text with commas; the variable NO_PROXY without it."),
  ca_file: z.string().min(1).optional().describe("PEM file of authorities that targets' certificates may come from."),
});

const limits = z
  .strictObject({
    json_depth: z.int().min(1).max(1000).default(128).describe("Deepest nesting of a document."),
    regex_program: z
      .int()
      .min(1)
      .default(DEFAULT_REGEX_LIMITS.program)
      .describe("Largest program of a regular expression, in instructions; larger ones are refused at load."),
    regex_value: size()
      .default(DEFAULT_REGEX_LIMITS.value)
      .describe("Longest value that a regular expression is tried on."),
    regex_cost: z
      .int()
      .min(1)
      .default(DEFAULT_REGEX_LIMITS.cost)
      .describe("Largest product of value length and program size that is tried."),
  })
  .describe("Limits that keep one document or pattern from stalling the rest.");

const alerting = z
  .strictObject({
    startup_grace: duration()
      .default(120_000)
      .describe("After a start, how long the absence of events alone resolves or fires nothing."),
  })
  .describe("Stateful rules.");

const log = z
  .strictObject({
    level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least level that is written."),
    format: z
      .enum(["auto", "json", "pretty"])
      .default("auto")
      .describe("`auto`: readable on a terminal, JSON lines elsewhere."),
  })
  .describe("The log on standard error.");

const shutdown = z
  .strictObject({
    deadline: duration().default(15_000).describe("How long deliveries in flight may take to end; the rest is kept."),
  })
  .describe("A graceful stop.");

export const settingsSchema = z.strictObject({
  ingest: ingest.prefault({}),
  admin: admin.prefault({}),
  metrics: metrics.prefault({}),
  store: store.prefault({}),
  /** Read by executors.ts: the options depend on the type. */
  executors: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The targets of actions by id; see the reference of executors."),
  outbound: outboundSchema.prefault({}).describe("Requests to targets; an executor may say otherwise."),
  limits: limits.prefault({}),
  alerting: alerting.prefault({}),
  log: log.prefault({}),
  shutdown: shutdown.prefault({}),
});

export type SettingsFile = z.output<typeof settingsSchema>;
type TlsFile = z.output<ReturnType<typeof tls>>;

/** Absolute paths of PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | null;
}

export interface Settings {
  readonly ingest: {
    readonly host: string;
    readonly port: number;
    readonly tls: TlsFiles | null;
    readonly maxBodyBytes: number;
    readonly maxInFlightBytes: number;
    readonly maxConnections: number;
  };
  readonly admin: {
    readonly host: string;
    readonly port: number;
    readonly tls: TlsFiles | null;
    readonly tokenHashFile: string;
    readonly allowedHosts: readonly string[];
  };
  readonly metrics: { readonly listener: "admin" | "ingest"; readonly token: Secret | null };
  readonly store: {
    /** Absolute. */
    readonly path: string;
    readonly retentionMs: number;
    readonly maxBytes: number;
    readonly historyBytes: number;
    readonly deadLetterBytes: number;
    readonly commitTimeoutMs: number;
  };
  readonly limits: { readonly jsonDepth: number; readonly regex: RegexLimits };
  readonly alerting: { readonly startupGraceMs: number };
  readonly log: { readonly level: "debug" | "info" | "warn" | "error"; readonly format: "auto" | "json" | "pretty" };
  readonly shutdown: { readonly deadlineMs: number };
}

/** Relative paths are relative to the configuration folder. */
export function toSettings(file: SettingsFile, dir: string): Settings {
  const tlsFiles = (given: TlsFile | undefined): TlsFiles | null =>
    given === undefined
      ? null
      : {
          certFile: resolve(dir, given.cert_file),
          keyFile: resolve(dir, given.key_file),
          clientCaFile: given.client_ca_file === undefined ? null : resolve(dir, given.client_ca_file),
        };
  return {
    ingest: {
      host: file.ingest.host,
      port: file.ingest.port,
      tls: tlsFiles(file.ingest.tls),
      maxBodyBytes: file.ingest.max_body,
      maxInFlightBytes: file.ingest.max_in_flight,
      maxConnections: file.ingest.max_connections,
    },
    admin: {
      host: file.admin.host,
      port: file.admin.port,
      tls: tlsFiles(file.admin.tls),
      tokenHashFile: resolve(dir, file.admin.token_hash_file),
      allowedHosts: file.admin.allowed_hosts,
    },
    metrics: { listener: file.metrics.listener, token: file.metrics.token ?? null },
    store: {
      path: resolve(dir, file.store.path),
      retentionMs: file.store.retention,
      maxBytes: file.store.max_size,
      historyBytes: file.store.history_size,
      deadLetterBytes: file.store.dead_letters_size,
      commitTimeoutMs: file.store.commit_timeout,
    },
    limits: {
      jsonDepth: file.limits.json_depth,
      regex: {
        program: file.limits.regex_program,
        value: file.limits.regex_value,
        cost: file.limits.regex_cost,
      },
    },
    alerting: { startupGraceMs: file.alerting.startup_grace },
    log: file.log,
    shutdown: { deadlineMs: file.shutdown.deadline },
  };
}
