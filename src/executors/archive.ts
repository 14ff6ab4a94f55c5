/**
 * Tornado's archive executor: events as lines of compact JSON, appended to files that are chosen by the payload. Beyond
 * Tornado's: lines reach the disk before a delivery counts as such, files are rotated, and one file's lines keep their order.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { duration, size } from "../component/units.ts";
import { delivered, reject, retry, unavailable, type Outcome } from "../core/delivery/outcome.ts";
import { member, printJson, type Json, type JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { createArchiveFiles } from "./support/archive-files.ts";
import { archivePath, climbs, type ArchivePaths } from "./support/archive-path.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, type Redact } from "./support/redact.ts";

const payloadSchema = z
  .looseObject({
    event: z
      .custom<Json>((value) => value !== undefined, { error: "is missing" })
      .describe("What is written, any JSON."),
    archive_type: z
      .unknown()
      .optional()
      .describe("Name of an entry of `paths`; anything but a text is as good as none."),
  })
  .describe("Every other key with a text is a value for `${key}` in paths.");

const pathTemplate = () =>
  z
    .string()
    .min(1)
    .refine((path) => !climbs(path), { error: ({ input }) => `${JSON.stringify(input)} climbs out of base_path` });

const optionsSchema = z.strictObject({
  base_path: z.string().min(1).describe("The folder that all files lie below; it is made when missing."),
  default_path: pathTemplate().describe("Path below it of events without `archive_type`."),
  paths: z
    .record(z.string(), pathTemplate())
    .default({})
    .describe("Path below it of each `archive_type`; `${key}` is the payload's text under that key."),
  file_cache_size: z.int().min(1).max(10_000).default(64).describe("Files that stay open."),
  file_cache_ttl: duration()
    .refine((ms) => ms > 0, { error: "expected more than 0" })
    .default(60_000)
    .describe("How long a file stays open; who renames files from outside waits as long."),
  fsync: z
    .enum(["always", "on_close", "never"])
    .default("always")
    .describe(
      "`always`: a delivery counts when its line is on the disk; otherwise a power failure may take the last lines.",
    ),
  rotation: z
    .strictObject({
      max_size: size()
        .refine((bytes) => bytes > 0, { error: "expected more than 0" })
        .optional()
        .describe("No file grows beyond this, unless by a single line."),
      every: duration()
        .refine((ms) => ms > 0, { error: "expected more than 0" })
        .optional()
        .describe("A file holds lines of one such period, counted from 1970 in UTC: `1d` changes at midnight."),
      gzip: z.boolean().default(false).describe("Compress files that are done."),
      keep: z.int().min(0).optional().describe("How many files that are done stay, of each path; all without it."),
    })
    .refine((rotation) => rotation.max_size !== undefined || rotation.every !== undefined, {
      error: "expected max_size or every",
    })
    .optional()
    .describe("When a file is renamed to `NAME.20231114T221320Z` (UTC) and a new one is begun; never without it."),
});

export const archive = defineExecutor({
  type: "archive",
  summary: "Appends events as lines of JSON to files.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  ordered: true,
  defaultOrder: orderKey,
  // One writer: files are written line by line, and many lines share one trip to the disk.
  defaults: { concurrency: 1, batch: { maxItems: 500, maxBytes: 5_242_880, lingerMs: 0 } },
  guarantees:
    "At least once, in order per file; a line is whole or not there. After a crash the last lines may be repeated.",
  examples: [
    {
      title: "One file per host",
      options: {
        base_path: "/var/lib/squall/archive",
        default_path: "default.log",
        paths: { syslog: "${hostname}/syslog.log" },
        rotation: { every: "1d", gzip: true, keep: 30 },
      },
      payload: {
        archive_type: "syslog",
        hostname: "web-1",
        event: { type: "syslog", payload: { message: "link down" } },
      },
      request: {
        body: {
          path: "/var/lib/squall/archive/web-1/syslog.log",
          line: { type: "syslog", payload: { message: "link down" } },
        },
      },
    },
  ],
  create(options, deps) {
    const redact = createRedactor(deps.secrets ?? []);
    const { rotation } = options;
    const files = createArchiveFiles(
      {
        maxOpen: options.file_cache_size,
        openForMs: options.file_cache_ttl,
        fsync: options.fsync,
        rotation: rotation && { ...rotation, maxBytes: rotation.max_size, everyMs: rotation.every },
      },
      deps,
    );

    /** After a failed line nothing more goes to its file: what follows it would come before it. */
    const writeAll = async (items: readonly ExecutorItem[], signal: AbortSignal): Promise<readonly Outcome[]> => {
      const outcomes: Outcome[] = [];
      const stuck = new Map<string, Outcome>();
      const written = new Map<string, number[]>();
      for (const [index, { payload }] of items.entries()) {
        const target = readTarget(payload, options, redact);
        if (!target.ok) {
          outcomes.push(target.error);
          continue;
        }
        const { path, line } = target.value;
        if (signal.aborted && !stuck.has(path))
          stuck.set(path, retry("the line was not written, the attempt was broken off"));
        let outcome = stuck.get(path);
        if (!outcome) {
          outcome = await files.append(path, line).then(
            () => delivered(),
            (error: unknown) => outcomeOfFileError(error, path, redact),
          );
          if (outcome.kind === "delivered") written.set(path, [...(written.get(path) ?? []), index]);
          else if (outcome.kind !== "reject") stuck.set(path, outcome);
        }
        outcomes.push(outcome);
      }
      for (const [path, indexes] of written)
        await files.sync(path).catch((error: unknown) => {
          for (const index of indexes) outcomes[index] = outcomeOfFileError(error, path, redact);
        });
      return outcomes;
    };

    return {
      executeBatch: (items, { signal }) => files.exclusive(() => writeAll(items, signal)),
      preview({ payload }) {
        const path = archivePath(payload, options);
        const event = member(payload, "event");
        return {
          body: {
            ...(path.ok ? { path: redact(path.value) } : {}),
            ...(event === undefined ? {} : { line: redactJson(event, redact) }),
          },
        };
      },
      close: () => files.close(),
    };
  },
});

type Options = z.output<typeof optionsSchema>;

function readTarget(
  payload: JsonObject,
  options: Options,
  redact: Redact,
): Result<{ readonly path: string; readonly line: string }, Outcome> {
  const readable = readPayload(payloadSchema, payload);
  if (!readable.ok) return readable;
  const path = archivePath(payload, options);
  return path.ok ? ok({ path: path.value, line: printJson(readable.value.event) }) : err(reject(redact(path.error)));
}

/** The file; where the options are not known, everything that may choose it. */
function orderKey(payload: JsonObject, options?: ArchivePaths): string | null {
  if (options) {
    const path = archivePath(payload, options);
    return path.ok ? path.value : null;
  }
  const texts = Object.entries(payload).filter(([key, value]) => key !== "event" && typeof value === "string");
  return printJson(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Nothing can be written anywhere. */
const UNAVAILABLE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);
/** The path itself is no good. */
const HOPELESS: ReadonlySet<string> = new Set(["EISDIR", "ENAMETOOLONG"]);

function outcomeOfFileError(error: unknown, path: string, redact: Redact): Outcome {
  const { code = "", message } = error as NodeJS.ErrnoException; // fs throws nothing else
  const reason = redact(`${JSON.stringify(path)} cannot be written: ${message}`);
  if (UNAVAILABLE.has(code)) return unavailable(reason);
  return HOPELESS.has(code) ? reject(reason) : retry(reason);
}
