/**
 * The composition root: everything that runs is made here, in one line from the configuration to the open listeners.
 * Each step leaves its cleanup; stopping, or failing half-way, runs them in reverse order.
 */
import type { Readable } from "node:stream";
import type { Logger } from "../component/logger.ts";
import { watchList } from "../config/folders.ts";
import { loadConfiguration } from "../config/load.ts";
import { createDispatcher } from "../engine/dispatcher.ts";
import { createHealthBoard } from "../engine/health-board.ts";
import { createHousekeeping } from "../engine/housekeeping.ts";
import { createIngest } from "../engine/ingest.ts";
import { createPrometheus } from "../engine/prometheus.ts";
import type { GenerationStatus } from "../http/contract/generation.ts";
import { mountHealth } from "../http/health-mounts.ts";
import { openSqliteStore } from "../storage/sqlite-store.ts";
import { lockStore } from "../storage/store-lock.ts";
import { createCleanups } from "./cleanups.ts";
import { collectorMemory } from "./collector-memory.ts";
import { createCollector } from "./create-collector.ts";
import { createLog } from "./create-log.ts";
import { executorViews } from "./executor-views.ts";
import { healthReport } from "./health-report.ts";
import type { Host } from "./host.ts";
import { keepYoung } from "./keep-young.ts";
import { readTls } from "./read-tls.ts";
import { createReloader, logWarnings, planOf } from "./reload.ts";
import { createServing, limitsOf } from "./serving.ts";
import { planFacts } from "./startup-facts.ts";
import { startupLines } from "./startup-lines.ts";
import { stdinCollector, type StdinCollector } from "./stdin-collector.ts";
import { stopWithin } from "./stop-within.ts";
import type { System } from "./system.ts";
import { untilDelivered } from "./until-delivered.ts";
import { packageVersion } from "./version.ts";
import { watchFiles } from "./watch-files.ts";

export interface AppOptions {
  /** Absolute path of the folder that holds the configuration. */
  readonly dir: string;
  /** `path=value`, over the settings file. */
  readonly set: readonly string[];
  /** Lines of standard input are events, and its end ends the process (`serve --stdin`). */
  readonly stdin?: StdinCollector | undefined;
}

export interface AppDeps extends System {
  readonly env: Host["env"];
  readonly stdin: () => Readable;
  readonly writeLog: (text: string) => void;
  /** The log goes to a terminal, and may be coloured there. */
  readonly terminal: boolean;
  readonly colour: boolean;
  readonly onCrash: Host["onCrash"];
  readonly exit: Host["exit"];
}

export interface App {
  readonly ingestUrl: string;
  readonly adminUrl: string;
  /** What to tell a person who started it. */
  readonly lines: readonly string[];
  readonly logger: Logger;
  reload(cause: "signal" | "files" | "api"): Promise<GenerationStatus>;
  /** Resolves, with the reason, when a collector asked for it and what is committed was delivered as far as it can be. */
  readonly finished: Promise<string>;
  /** Resolves when the process cannot go on: the store is lost. */
  readonly failed: Promise<unknown>;
  /** Refuses new work, lets what is in hand finish within `shutdown.deadline`, closes everything. */
  stop(): Promise<void>;
}

const CANNOT_RUN = 3;

/** Throws AppError: `configuration` (cause: ConfigurationErrors), `store_locked`, `port_taken` … */
export async function startApp(options: AppOptions, deps: AppDeps): Promise<App> {
  const { clock, random, randomBytes, sha256 } = deps;
  const startedMs = clock.nowMs();
  const metrics = createPrometheus();
  const overLimit = metrics.counter(
    "squall_regex_over_limit_total",
    "Values that were too long for a regular expression, and so did not match.",
  );
  const load = () =>
    loadConfiguration({
      dir: options.dir,
      env: deps.env,
      set: options.set,
      collectors: options.stdin ? [stdinCollector(options.stdin)] : [],
      onRegexOverLimit: () => overLimit.inc({}),
    });
  const loaded = await load();
  const plan = planOf(loaded);
  const { settings } = plan;
  const pretty = settings.log.format === "pretty" || (settings.log.format === "auto" && deps.terminal);
  const logger = await createLog(
    { level: settings.log.level, format: pretty ? "pretty" : "json", colour: deps.colour },
    deps.writeLog,
  );
  logWarnings(loaded, logger);
  const cleanups = createCleanups();
  try {
    cleanups.push(
      "crash handler",
      deps.onCrash((error) => {
        logger.error({ err: error }, "an error that nobody caught, the process ends");
        deps.exit(CANNOT_RUN);
      }),
    );
    const version = await packageVersion();
    const health = createHealthBoard(clock);
    const lock = await lockStore(settings.store.path);
    cleanups.push("store lock", () => lock.release());
    const { promise: failed, resolve: lost } = Promise.withResolvers<unknown>();
    const { promise: asked, resolve: finish } = Promise.withResolvers<string>();
    // Its threads start while this one loads and makes the listener.
    const opening = openSqliteStore(settings.store, { clock, logger, metrics, onFailure: lost });
    // Where it cannot be opened there is nothing to close, and the start fails with the reason below.
    const opened = opening.catch(() => null);
    cleanups.push("store", async () => (await opened)?.close());
    const [{ createIngestListener }, { createOpenHttp }] = await Promise.all([
      import("../http/ingest-listener.ts"),
      import("./open-http.ts"),
    ]);
    const listener = createIngestListener(
      { ...settings.ingest, tls: await readTls(settings.ingest.tls) },
      { logger: logger.child({ listener: "ingest" }) },
    );
    const openHttp = createOpenHttp({ logger, maxConnections: settings.ingest.maxConnections });
    const store = await opening;

    const dispatcher = createDispatcher({ store, clock, logger, metrics, health, random, onStoreFailure: lost });
    const ingest = createIngest({
      store,
      dispatcher,
      generation: () => serving.generation(),
      clock,
      logger,
      metrics,
      health,
      sha256,
      commitTimeoutMs: settings.store.commitTimeoutMs,
      retentionMs: settings.store.retentionMs,
    });
    cleanups.push("ingest", () => ingest.stop());
    const serving = createServing({
      createExecutor: ({ id, type, options: given, outbound, secrets }) => {
        const log = logger.child({ executor: id });
        const emit = ingest.emitFor(id);
        return type.create(given, { id, clock, logger: log, outbound, emit, secrets: Object.values(secrets) });
      },
      createCollector: (collector, now) =>
        createCollector(collector, {
          http: listener.mount,
          openHttp,
          clock,
          logger,
          metrics,
          health,
          limits: limitsOf({ settings: now }),
          emitFor: ingest.emitFor,
          memoryFor: (id) => collectorMemory(settings.store.path, id),
          process: { stdin: deps.stdin, finish },
          randomBytes,
        }),
      dispatcher,
      logger,
      health,
    });
    const stopping = stopWithin(settings.shutdown.deadlineMs, { clock, logger });
    cleanups.push("executors", () => serving.closeExecutors());
    cleanups.push("dispatcher", () => dispatcher.stop(stopping.leftMs()));
    // Closing begins at once and answers 503, so that no sender meets a collector that is already gone.
    cleanups.push("collectors", async () => void (await Promise.all([listener.close(), serving.stopCollectors()])));
    await serving.apply(plan, 1);
    dispatcher.start();

    const reloader = createReloader(plan, { load, apply: serving.apply, clock, logger, metrics, health });
    cleanups.push("reloads", () => reloader.close());
    const report = () => healthReport({ health, generation: reloader.status, version, startedMs });
    const token = settings.metrics.listener === "ingest" ? settings.metrics.token : null;
    mountHealth(listener.mount, {
      ready: () => report().status !== "not_ready",
      metrics: token && { token, text: metrics.text },
    });
    const { address, port } = await listener.listen();
    const scheme = settings.ingest.tls ? "https" : "http";
    const ingestUrl = `${scheme}://${address.includes(":") ? `[${address}]` : address}:${port}`;

    // Events are taken from here on; what that does not need is loaded and started now.
    const housekeeping = createHousekeeping(settings.store, { store, clock, logger, metrics, health });
    cleanups.push("housekeeping", () => housekeeping.stop());
    housekeeping.start();
    const { openAdmin } = await import("./open-admin.ts");
    const admin = await openAdmin(settings, {
      ports: {
        health: report,
        metricsText: metrics.text,
        generation: reloader.status,
        reload: () => reloader.reload("api"),
        executors: () => executorViews(serving.plan(), dispatcher, store),
        store,
        wake: () => dispatcher.wake(),
        version,
      },
      logger: logger.child({ listener: "admin" }),
      randomBytes,
    });
    cleanups.push("admin listener", () => admin.close());
    cleanups.push(
      "file watch",
      watchFiles(
        {
          dir: options.dir,
          folders: watchList(),
          // A failed reload is told by the reloader.
          onChange: () => void reloader.reload("files").catch(() => undefined),
        },
        { clock, logger },
      ),
    );
    const facts = await planFacts(plan, options.dir);
    await metrics.measureProcess();
    // Not before all is loaded: with another setting V8 does not take the code that is kept compiled.
    keepYoung();
    logger.info({ version, generation: 1, ingest: ingestUrl, admin: admin.url }, "started");
    return {
      ingestUrl,
      adminUrl: admin.url,
      lines: startupLines({ ...facts, version, ingestUrl, adminUrl: admin.url, freshToken: admin.freshToken }),
      logger,
      reload: reloader.reload,
      finished: asked.then(async (reason) => {
        await untilDelivered(store, settings.shutdown.deadlineMs, { clock, logger });
        return reason;
      }),
      failed,
      stop: () => stopping.run(() => cleanups.runAll(logger)),
    };
  } catch (error) {
    await cleanups.runAll(logger);
    throw error;
  }
}
