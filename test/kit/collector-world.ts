/** What a collector under test lives in: an emit whose commits the test decides, and a record of all else. */
import { Readable } from "node:stream";
import type { CollectorDeps, Emission } from "../../src/component/define-collector.ts";
import type { HealthBoard } from "../../src/component/health.ts";
import type { Logger } from "../../src/component/logger.ts";
import { createOpenHttp } from "../../src/app/open-http.ts";
import { noMetrics } from "../../src/component/metrics.ts";
import { isObject, type Json } from "../../src/core/json.ts";
import { err, ok } from "../../src/core/result.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";

export interface PendingEmission {
  readonly emission: Emission;
  commit(): void;
  fail(error: Error): void;
}

export interface CollectorWorld {
  /** Everything but `http`, which a collector gets from its own listener. */
  readonly deps: Omit<CollectorDeps, "http">;
  /** That of `deps`. */
  readonly clock: ManualClock;
  /** In the order of their arrival, settled or not. */
  readonly emissions: readonly PendingEmission[];
  /** From now on (and for what waits) commits at once. */
  commitAll(): void;
  /** Payloads of the events of committed emissions. */
  readonly committed: readonly unknown[];
  readonly rejected: Readonly<Record<string, number>>;
  /** What the collector saved; the next world may be given it, as after a restart. */
  readonly memory: { value: Json | undefined };
  /** Why the collector asked the process to stop. */
  readonly finished: readonly string[];
  /** Everything logged, as text. */
  readonly log: readonly string[];
  /** Where a collector that listens itself says that it does; of several, the last whose line has `part` in it. */
  port(part?: string): number;
}

export interface CollectorWorldOptions {
  readonly id?: string;
  readonly maxBodyBytes?: number;
  readonly maxInFlightBytes?: number;
  readonly jsonDepth?: number;
  readonly commitAtOnce?: boolean;
  readonly intake?: CollectorDeps["intake"];
  readonly memory?: CollectorWorld["memory"];
  readonly stdin?: Readable;
}

/** Its intake takes every document as the payload of one event, and cannot read `{"unreadable": …}`. */
export function collectorWorld(options: CollectorWorldOptions = {}): CollectorWorld {
  const id = options.id ?? "under-test";
  const emissions: PendingEmission[] = [];
  const committed: unknown[] = [];
  const rejected: Record<string, number> = {};
  const log: string[] = [];
  const clock = manualClock();
  const memory: CollectorWorld["memory"] = options.memory ?? { value: undefined };
  const finished: string[] = [];
  let atOnce = options.commitAtOnce ?? false;

  const emit = (emission: Emission): Promise<void> =>
    new Promise((resolve, reject) => {
      let settled = false;
      const commit = (): void => {
        if (settled) return;
        settled = true;
        for (const { event } of emission.arrivals) committed.push(event.payload);
        resolve();
      };
      const fail = (error: Error): void => {
        settled = true;
        reject(error);
      };
      emissions.push({ emission, commit, fail });
      if (atOnce) commit();
    });

  return {
    deps: {
      id,
      emit,
      intake: options.intake ?? plainIntake,
      clock,
      logger: recordingLogger(log),
      metrics: noMetrics,
      health: noHealth,
      openHttp: createOpenHttp({ logger: recordingLogger(log), maxConnections: 1000 }),
      limits: {
        maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
        maxInFlightBytes: options.maxInFlightBytes ?? 64 * 1024 * 1024,
        jsonDepth: options.jsonDepth ?? 128,
      },
      memory: {
        load: async () => memory.value,
        save: async (value) => void (memory.value = value),
      },
      process: {
        stdin: () => options.stdin ?? Readable.from([]),
        finish: (reason) => void finished.push(reason),
      },
      countRejected: (reason, count = 1) => void (rejected[reason] = (rejected[reason] ?? 0) + count),
    },
    clock,
    emissions,
    commitAll() {
      atOnce = true;
      for (const pending of emissions) pending.commit();
    },
    committed,
    rejected,
    memory,
    finished,
    log,
    port(part = "") {
      const line = log.findLast((each) => each.endsWith("listening") && each.includes(part));
      const port = Number(/"port":(\d+)/.exec(line ?? "")?.[1]);
      if (!port) throw new Error("the collector does not say that it listens");
      return port;
    },
  };
}

const plainIntake: CollectorDeps["intake"] = (document, context) => {
  if (isObject(document) && "unreadable" in document) return err("expected something readable, found unreadable");
  const payload = isObject(document) ? document : { value: document };
  const event = {
    id: context.inputId ?? "made-up",
    type: context.collector,
    created_ms: context.receivedMs,
    payload,
    metadata: {},
    trace_id: null,
  };
  return ok([{ event, identity: context.inputId === undefined ? "generated" : "given" }]);
};

const noHealth: HealthBoard = { raise: () => undefined, clear: () => undefined, reasons: () => [] };

function recordingLogger(log: string[]): Logger {
  const write = (fields: object, message: string): void => {
    const error = (fields as { err?: Error }).err;
    log.push(`${JSON.stringify(fields)} ${error?.stack ?? ""} ${message}`);
  };
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return logger;
}
