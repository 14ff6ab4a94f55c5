/**
 * The running collectors. A reload keeps those whose plan did not change. A changed one is started before the old one
 * stops, so that no sender meets a closed door; where both cannot be open at once (a port), the old one is stopped
 * first. When anything fails, everything is as it was before.
 */
import { AppError } from "../component/app-error.ts";
import type { Collector } from "../component/define-collector.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";

export interface CollectorSpec {
  readonly id: string;
  /** Equal: the running collector is carried over. */
  readonly hash: string;
  readonly create: () => Collector;
}

export interface CollectorSet {
  /** Rejects when a collector could not be started; then the set is as before. */
  apply(specs: readonly CollectorSpec[]): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  readonly spec: CollectorSpec;
  readonly collector: Collector;
}

export function createCollectorSet(deps: { readonly logger: Logger; readonly health: HealthBoard }): CollectorSet {
  let running = new Map<string, Running>();

  const start = async (spec: CollectorSpec): Promise<Running> => {
    const one = { spec, collector: spec.create() };
    try {
      await one.collector.start();
      return one;
    } catch (error) {
      await stop(one); // it may have opened a part of what it opens
      if (error instanceof AppError) throw error;
      const message = `collector ${spec.id} cannot start: ${(error as Error).message}`;
      throw new AppError("unreachable", message, { cause: error });
    }
  };

  const stop = async ({ spec, collector }: Running): Promise<void> => {
    try {
      await collector.stop();
    } catch (error) {
      deps.logger.error({ err: error, collector: spec.id }, "stopping a collector failed");
    }
  };

  /** What `undo` gets, run in reverse order, brings the set back. */
  const replace = async (spec: CollectorSpec, old: Running | undefined, undo: (() => Promise<void>)[]) => {
    try {
      const fresh = await start(spec);
      undo.push(() => stop(fresh));
      return { fresh, retired: old };
    } catch (error) {
      if (!old) throw error;
      deps.logger.info({ err: error, collector: spec.id }, "not startable beside the old one, which is stopped first");
    }
    await stop(old);
    undo.push(async () => void running.set(spec.id, await start(old.spec)));
    const fresh = await start(spec);
    undo.push(() => stop(fresh));
    return { fresh, retired: undefined };
  };

  const restore = async (undo: readonly (() => Promise<void>)[]): Promise<void> => {
    for (const step of undo.toReversed()) {
      try {
        await step();
      } catch (error) {
        deps.logger.error({ err: error }, "a collector could not be restored after a failed reload");
        deps.health.raise("configuration", "collector_lost", `not restored: ${(error as Error).message}`, "not_ready");
      }
    }
  };

  return {
    async apply(specs) {
      const next = new Map<string, Running>();
      const retired: Running[] = [];
      const undo: (() => Promise<void>)[] = [];
      try {
        for (const spec of specs) {
          const old = running.get(spec.id);
          if (old?.spec.hash === spec.hash) {
            next.set(spec.id, old);
            continue;
          }
          const replaced = await replace(spec, old, undo);
          next.set(spec.id, replaced.fresh);
          if (replaced.retired) retired.push(replaced.retired);
        }
      } catch (error) {
        await restore(undo);
        throw error;
      }
      const removed = [...running.values()].filter(({ spec }) => !next.has(spec.id));
      running = next;
      await Promise.all([...retired, ...removed].map(stop));
      for (const { spec } of removed) deps.health.clear(`collector:${spec.id}`);
    },
    async stop() {
      const all = [...running.values()];
      running = new Map();
      await Promise.all(all.map(stop));
    },
  };
}
