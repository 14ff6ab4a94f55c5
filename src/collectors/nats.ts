/**
 * NATS, plain or JetStream. Plain NATS keeps nothing: a message is offered once, and cannot be held back, so what comes
 * over the memory bound is dropped and counted. JetStream keeps messages: each is acknowledged after its commit, the
 * server is told that work goes on while a commit is waited for, and nothing more is fetched at the bound.
 *
 * The connection is made anew whenever it ends, waiting longer each time; meanwhile `/health` says why.
 */
import { readFileSync } from "node:fs";
import type { JsMsg } from "@nats-io/jetstream";
import type { Authenticator, Msg, NatsConnection } from "@nats-io/transport-node";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import { jsonMessages, messageDocuments } from "./support/message-documents.ts";
import { natsContext } from "./nats-context.ts";
import { natsOptions, type NatsOptions } from "./nats-options.ts";
import { createStreamBudget } from "./support/stream-budget.ts";
import { takeIn } from "./support/take-in.ts";
import { waitMs } from "./support/wait-ms.ts";

export const nats = defineCollector({
  type: "nats",
  summary: "Reads NATS subjects, or a JetStream stream with acknowledgements.",
  options: natsOptions,
  guarantees:
    "JetStream: a message is acknowledged after its commit; one that comes again is known by stream and sequence. Plain NATS: at most once, as NATS itself; messages over the memory bound are dropped and counted.",
  examples: [
    {
      title: "A Tornado collector's subject",
      file: {
        id: "tornado",
        type: "nats",
        servers: ["127.0.0.1:4222"],
        subjects: ["tornado.events"],
        format: "tornado",
      },
    },
    {
      title: "A stream, from its beginning, with the tenant from the subject",
      file: {
        id: "logs",
        type: "nats",
        servers: ["nats-1:4222", "nats-2:4222"],
        subjects: ["logs.>"],
        jetstream: { stream: "LOGS", durable: "squall", from: "all" },
        auth: { username: "squall", password: "change-me" },
        metadata_from: { tenant_id: { from: "subject", regex: "^logs\\.([^.]+)" } },
      },
    },
  ],
  create: createNatsCollector,
});

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
const CONNECT_MS = 5000;

function createNatsCollector(options: NatsOptions, deps: CollectorDeps) {
  const { id, clock, health, logger, limits } = deps;
  const subject = `collector:${id}`;
  const stopping = new AbortController();
  const budget = createStreamBudget(limits.maxInFlightBytes);
  const hold = budget.hold();
  const decode = jsonMessages(limits.jsonDepth);
  const inHand = new Set<Promise<unknown>>();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    for (let delayMs = FIRST_DELAY_MS; !stopping.signal.aborted; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
      if (await connected()) delayMs = FIRST_DELAY_MS;
      if (!stopping.signal.aborted) await waitMs(clock, delayMs, stopping.signal);
    }
  }

  /** True: it was connected, and read. */
  async function connected(): Promise<boolean> {
    const { connect, credsAuthenticator } = await import("@nats-io/transport-node");
    let connection: NatsConnection | undefined;
    let reading = false;
    try {
      connection = await connect({
        servers: [...options.servers],
        name: `squall ${id}`,
        reconnect: false,
        timeout: CONNECT_MS,
        ...login(options.auth, credsAuthenticator),
        ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls) }),
      });
      const ended = connection.closed();
      const reader = options.jetstream
        ? await readStream(connection, options.jetstream)
        : await readSubjects(connection);
      reading = true;
      health.clear(subject);
      logger.info({ server: connection.getServer(), subjects: options.subjects }, "reading NATS");
      const error = await Promise.race([ended, reader.ended, aborted(stopping.signal)]);
      await reader.stop();
      await Promise.all(inHand); // their acknowledgements still go out
      if (!stopping.signal.aborted) trouble(error ?? new Error("the server closed the connection"));
    } catch (error) {
      if (!stopping.signal.aborted) trouble(error);
    } finally {
      await connection?.close();
    }
    return reading;
  }

  async function readSubjects(connection: NatsConnection): Promise<Reader> {
    const callback = (error: Error | null, message: Msg): void => {
      if (error) return void logger.warn({ err: error }, "NATS refused a subscription");
      if (!hold.tryAcquire(message.data.length)) return deps.countRejected("overloaded");
      handle(message, undefined, noAnswer);
    };
    const { queue } = options;
    const subscriptions = options.subjects.map((name) =>
      connection.subscribe(name, { callback, ...(queue === undefined ? {} : { queue }) }),
    );
    await connection.flush(); // until the server knows them, what is published is not read
    return {
      // Only what the server refuses ends a subscription, such as a subject that is not allowed.
      ended: Promise.race(subscriptions.map(async ({ closed }) => (await closed) ?? undefined)),
      async stop() {
        for (const subscription of subscriptions) subscription.unsubscribe();
      },
    };
  }

  async function readStream(connection: NatsConnection, stream: JetStreamOptions): Promise<Reader> {
    const { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } = await import("@nats-io/jetstream");
    const manager = await jetstreamManager(connection);
    const isThere = await manager.consumers.info(stream.stream, stream.durable).then(
      () => true,
      (error: { code?: number; status?: number }) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
    const [first, ...more] = options.subjects;
    if (!isThere)
      await manager.consumers.add(stream.stream, {
        durable_name: stream.durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: stream.from === "all" ? DeliverPolicy.All : DeliverPolicy.New,
        ack_wait: stream.ack_wait * 1e6, // nanoseconds
        max_ack_pending: stream.max_ack_pending,
        // Several are known to servers from 2.10 on.
        ...(more.length === 0 ? { filter_subject: first! } : { filter_subjects: [...options.subjects] }),
      });
    const consumer = await jetstream(connection).consumers.get(stream.stream, stream.durable);
    const messages = await consumer.consume({ max_messages: Math.min(stream.max_ack_pending, 500) });
    const read = async (): Promise<void> => {
      for await (const message of messages) {
        await hold.acquire(message.data.length);
        if (stopping.signal.aborted) return; // not acknowledged, so it comes again
        handle(
          message,
          `${stream.stream}/${message.seq}`,
          () => acknowledge(message),
          () => message.working(),
          stream.ack_wait,
        );
      }
    };
    const ended = read().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    return { ended, stop: async () => void (await messages.close()) };
  }

  /** One message: its event, the commit, the acknowledgement. Its bytes are counted already. */
  function handle(
    message: Msg | JsMsg,
    positionId: string | undefined,
    done: () => void,
    alive?: () => void,
    aliveMs = 0,
  ): void {
    hold.settling();
    const one = (async () => {
      const context = natsContext({ collector: id, receivedMs: clock.nowMs(), message, positionId });
      const documents = messageDocuments([{ bytes: Buffer.from(message.data) }], decode);
      const taken = await takeIn(documents, { ...context, of: () => context }, deps);
      if (!taken.ok) throw new Error(taken.error.detail); // never of a batch
      const { arrivals, rejected } = taken.value;
      const told = rejected.map((each) => ({ ...each, reason: `${message.subject}: ${each.reason}` }));
      const receivedMs = context.receivedMs;
      const emission = { arrivals, rejected: told, source: id, receivedMs, traceparent: context.traceparent ?? null };
      let cancel: () => void = () => undefined;
      const sign = (): void => void (cancel = clock.after(aliveMs / 2, () => (alive?.(), sign())));
      if (alive) sign();
      try {
        if (await emitUntilCommitted(emission, deps, stopping.signal)) done();
      } finally {
        cancel();
      }
    })()
      .catch((error: unknown) => logger.error({ err: error, subject: message.subject }, "a NATS message met a bug"))
      .finally(() => {
        hold.settled();
        hold.release(message.data.length);
        inHand.delete(one);
      });
    inHand.add(one);
  }

  /** When it gets lost the message comes again, and is known. */
  function acknowledge(message: JsMsg): void {
    try {
      message.ack();
    } catch (error) {
      logger.warn(
        { err: error, sequence: message.seq },
        "an acknowledgement could not be sent; the message comes again",
      );
    }
  }

  function trouble(error: unknown): void {
    const message = `${options.servers.join(", ")}: ${messageOf(error)}`;
    const code = /authori[sz]ation|authentication/i.test(message) ? "unauthorized" : "unreachable";
    health.clear(subject);
    health.raise(subject, code, message);
    logger.warn({ code }, message);
  }

  return {
    async start() {
      if (options.tls) tlsOf(options.tls); // a file that cannot be read is a mistake, not an outage
      running = run();
    },
    async stop() {
      stopping.abort();
      hold.cancel();
      await running;
      health.clear(subject);
    },
  };
}

const noAnswer = (): void => undefined;

type JetStreamOptions = NonNullable<NatsOptions["jetstream"]>;

interface Reader {
  /** Reading has ended by itself. */
  readonly ended: Promise<Error | void | undefined>;
  stop(): Promise<void>;
}

function login(auth: NatsOptions["auth"], credentials: (file: Buffer) => Authenticator) {
  if (auth === undefined) return {};
  if ("token" in auth) return { token: auth.token.reveal() };
  if ("username" in auth) return { user: auth.username, pass: auth.password.reveal() };
  return { authenticator: credentials(readFileSync(auth.credentials_file)) };
}

function tlsOf({ ca_file: ca, cert_file: cert, key_file: key }: NonNullable<NatsOptions["tls"]>) {
  return {
    ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert, "utf8") }),
    ...(key === undefined ? {} : { key: readFileSync(key, "utf8") }),
  };
}

const isNotFound = (error: unknown): boolean => /not found/i.test((error as Error).message);

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
