/**
 * Generations: which configuration is in service, and how the next one takes its place. A reload loads the files anew
 * and either puts the whole of them in service or leaves everything as it is; what went wrong is kept for `/health`,
 * the API, metrics and log until a reload succeeds. One reload runs at a time.
 */
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../component/app-error.ts";
import type { Clock } from "../component/clock.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Metrics } from "../component/metrics.ts";
import type { Loaded } from "../config/load.ts";
import type { Plan } from "../config/plan.ts";
import type { GenerationStatus } from "../http/contract/generation.ts";
import { ConfigurationErrors } from "../http/problem.ts";

export interface ReloaderDeps {
  readonly load: () => Promise<Loaded>;
  /** Puts a plan in service; rejects when it cannot, the one before then being in service as it was. */
  readonly apply: (plan: Plan, number: number) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
}

export interface Reloader {
  status(): GenerationStatus;
  /** Rejects with AppError `configuration` or what kept the plan from service. */
  reload(cause: "signal" | "files" | "api"): Promise<GenerationStatus>;
  /** Refuses reloads from now on; resolves when the one under way has ended. */
  close(): Promise<void>;
}

/** Settings that are read once, at start. */
const NEEDS_RESTART = ["ingest", "admin", "metrics", "store", "log", "shutdown"] as const;

export function createReloader(first: Plan, deps: ReloaderDeps): Reloader {
  const { clock, health, logger } = deps;
  const reloads = deps.metrics.counter("squall_reloads_total", "Reloads of the configuration, by result.", ["result"]);
  const generation = deps.metrics.gauge("squall_generation", "Number of the configuration in service.");
  let plan = first;
  let status: GenerationStatus = {
    number: 1,
    loaded_ms: clock.nowMs(),
    hash: first.hash,
    restart_needed: [],
    last_error: null,
  };
  generation.set({}, status.number);

  async function run(cause: string): Promise<GenerationStatus> {
    try {
      const loaded = await deps.load();
      const next = planOf(loaded);
      const changed = next.hash !== plan.hash;
      if (changed) logWarnings(loaded, logger);
      if (changed) await deps.apply(next, status.number + 1);
      const restart = NEEDS_RESTART.filter((key) => !isDeepStrictEqual(comparable(next, key), comparable(first, key)));
      if (changed) {
        plan = next;
        status = { ...status, number: status.number + 1, loaded_ms: clock.nowMs(), hash: next.hash };
        generation.set({}, status.number);
      }
      status = { ...status, restart_needed: restart, last_error: null };
      succeeded(cause, changed, restart);
      return status;
    } catch (error) {
      failed(cause, error);
      throw error;
    }
  }

  function succeeded(cause: string, changed: boolean, restart: readonly string[]): void {
    health.clear("configuration");
    reloads.inc({ result: changed ? "loaded" : "unchanged" });
    logger.info({ cause, generation: status.number }, changed ? "configuration reloaded" : "configuration unchanged");
    if (restart.length === 0) return;
    logger.warn({ settings: restart }, "changed settings need a restart");
    health.raise("configuration", "restart_needed", `needs a restart: ${restart.join(", ")}`);
  }

  function failed(cause: string, error: unknown): void {
    const message = error instanceof AppError ? error.message : "internal error; the log has the details";
    const diagnostics =
      error instanceof AppError && error.cause instanceof ConfigurationErrors ? error.cause.diagnostics : [];
    status = {
      ...status,
      last_error: {
        at_ms: clock.nowMs(),
        message,
        diagnostics: diagnostics.map(({ path, ...rest }) => ({ ...rest, path: [...path] })),
      },
    };
    reloads.inc({ result: "failed" });
    health.raise("configuration", "reload_failed", `generation ${status.number} stays in service: ${message}`);
    const where = diagnostics.slice(0, 10).map(({ file, line, message: what }) => `${file}:${line}: ${what}`);
    logger.error(
      { cause, generation: status.number, err: error, problems: where },
      "reload failed, the generation in service stays",
    );
  }

  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    status: () => status,
    reload(cause) {
      const next = last.then(() => {
        if (closed) throw new AppError("shutting_down", "the process is stopping");
        return run(cause);
      });
      last = next.catch(() => undefined); // told to its own caller
      return next;
    },
    async close() {
      closed = true;
      await last;
    },
  };
}

export function logWarnings({ diagnostics }: Loaded, logger: Logger): void {
  for (const { severity, file, line, code, message } of diagnostics)
    if (severity === "warning") logger.warn({ file, line, code }, message);
}

/** Secrets look equal from outside. */
const comparable = ({ settings }: Plan, key: (typeof NEEDS_RESTART)[number]): unknown =>
  key === "metrics" ? { ...settings.metrics, token: settings.metrics.token?.reveal() } : settings[key];

/** The plan, or all that is wrong as one error. */
export function planOf({ plan, diagnostics }: Loaded): Plan {
  if (plan) return plan;
  const errors = diagnostics.filter((one) => one.severity === "error");
  const [first] = errors;
  const where = first ? `: ${first.file}:${first.line}: ${first.message}` : "";
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  throw new AppError("configuration", `the configuration has ${count}${where}`, {
    cause: new ConfigurationErrors(diagnostics),
  });
}
