/**
 * Icinga 2's event stream: `POST /v1/events`, whose answer never ends and has one JSON object a line. Icinga 2 keeps
 * nothing for a reader that is away, so what happens while the connection is down is not seen.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import { secret } from "../component/secret.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import { createLineSplitter, type Line } from "./support/line-splitter.ts";
import { takeLines } from "./support/take-lines.ts";
import { waitMs } from "./support/wait-ms.ts";

const TYPES = [
  "CheckResult",
  "StateChange",
  "Notification",
  "AcknowledgementSet",
  "AcknowledgementCleared",
  "CommentAdded",
  "CommentRemoved",
  "DowntimeAdded",
  "DowntimeRemoved",
  "DowntimeStarted",
  "DowntimeTriggered",
  "Flapping",
  "ObjectCreated",
  "ObjectModified",
  "ObjectDeleted",
] as const;

const options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^@]+$/, {
      error: "no address of the API; accepted: https://HOST:5665; who logs in stands under username and password",
    })
    .describe("Address of the API, `https://HOST:5665`."),
  username: z.string().min(1).describe("Name of the `ApiUser`; it needs the permissions `events/…` of the types."),
  password: secret().describe("Its password."),
  ca_file: z.string().optional().describe("PEM file of the authority that signed Icinga 2's certificate."),
  disable_ssl_verification: z.boolean().default(false).describe("Accept any certificate."),
  types: z
    .array(z.enum(TYPES))
    .min(1)
    .default(["StateChange", "AcknowledgementSet", "AcknowledgementCleared", "DowntimeStarted", "DowntimeRemoved"])
    .describe("Which events to ask for."),
  queue: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/)
    .optional()
    .describe("Name of the queue in Icinga 2, `squall-<id>` by default; readers of one queue share its events."),
  filter: z.string().optional().describe("Filter expression of Icinga 2, such as `event.state == 2`."),
});

export const icinga2 = defineCollector({
  type: "icinga2",
  summary: "Reads Icinga 2's event stream: state changes, acknowledgements, downtimes and more.",
  options,
  defaultFormat: "icinga2",
  guarantees:
    "What was read is tried until it is committed, and meanwhile nothing more is read. Icinga 2 keeps no events for a reader that is away: those of a broken connection are lost.",
  examples: [
    {
      title: "Acknowledgements and state changes of a local Icinga 2",
      file: {
        id: "monitoring",
        type: "icinga2",
        url: "https://127.0.0.1:5665",
        username: "squall",
        password: "change-me",
        types: ["StateChange", "AcknowledgementSet"],
      },
    },
  ],
  create: createIcinga2Collector,
});

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
const CONNECT_MS = 10_000;
/** Of a refusal's text, for the message. */
const REASON_CHARACTERS = 300;

function createIcinga2Collector(given: z.output<typeof options>, deps: CollectorDeps) {
  const { id, clock, health, logger, limits } = deps;
  const subject = `collector:${id}`;
  const stopping = new AbortController();
  const { origin, pathname } = new URL(given.url);
  const target = `${origin}${pathname.replace(/\/$/, "")}`;
  const from = {
    codec: "json" as const,
    source: id,
    positionOf: () => undefined,
    whereIs: ({ start }: Line) => `byte ${start} of the stream`,
    about: () => ({}),
  };
  let running: Promise<void> = Promise.resolve();

  /** Connects again and again; a connection that brought something begins the waiting anew. */
  async function run(): Promise<void> {
    for (let delayMs = FIRST_DELAY_MS; !stopping.signal.aborted; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
      const opened = await readOnce();
      if (stopping.signal.aborted) return;
      if (opened) delayMs = FIRST_DELAY_MS;
      await waitMs(clock, delayMs, stopping.signal);
    }
  }

  /** True: the stream was open. */
  async function readOnce(): Promise<boolean> {
    const { Agent } = await import("undici");
    // The stream is silent as long as nothing happens; keep-alive packets tell whether the peer is still there.
    const agent = new Agent({
      bodyTimeout: 0,
      headersTimeout: CONNECT_MS,
      connect: { timeout: CONNECT_MS, rejectUnauthorized: !given.disable_ssl_verification, ...ca(given.ca_file) },
    });
    let opened = false;
    try {
      const { statusCode, body } = await agent.request({
        origin,
        path: `${pathname.replace(/\/$/, "")}/v1/events`,
        method: "POST",
        headers: {
          accept: "application/json",
          "content-type": "application/json",
          authorization: `Basic ${Buffer.from(`${given.username}:${given.password.reveal()}`).toString("base64")}`,
        },
        body: JSON.stringify({
          types: given.types,
          queue: given.queue ?? `squall-${id}`,
          ...(given.filter === undefined ? {} : { filter: given.filter }),
        }),
        signal: stopping.signal,
      });
      if (statusCode !== 200) {
        const text = (await body.text()).slice(0, REASON_CHARACTERS);
        trouble(statusCode === 401 ? "unauthorized" : "refused", `${target} answered ${statusCode}: ${text}`);
        return false;
      }
      opened = true;
      health.clear(subject);
      logger.info({ url: target, types: given.types }, "reading the event stream");
      await readStream(body);
      trouble("disconnected", `${target} ended the event stream`);
    } catch (error) {
      if (!stopping.signal.aborted) trouble("unreachable", `${target}: ${messageOf(error)}`);
    } finally {
      await agent.destroy();
    }
    return opened;
  }

  async function readStream(body: AsyncIterable<Uint8Array>): Promise<void> {
    const splitter = createLineSplitter(limits.maxBodyBytes);
    for await (const chunk of body) {
      const emission = takeLines(splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)), from, deps);
      if (emission && !(await emitUntilCommitted(emission, deps, stopping.signal))) return;
    }
  }

  function trouble(code: string, message: string): void {
    health.clear(subject);
    health.raise(subject, code, message);
    logger.warn({ code }, message);
  }

  return {
    async start() {
      ca(given.ca_file); // a file that cannot be read is a mistake, not an outage
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
      health.clear(subject);
    },
  };
}

const ca = (file: string | undefined): { readonly ca?: string } =>
  file === undefined ? {} : { ca: readFileSync(file, "utf8") };

/** The cause says more than undici's own words. */
function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
