/** Puts plans in service: executors, rules and collectors of one generation take the place of those before. */
import { setImmediate } from "node:timers/promises";
import type { Executor } from "../component/define-executor.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Plan } from "../config/plan.ts";
import { compileMatcherInSlices } from "../core/match/compile.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { Generation } from "../engine/generation.ts";
import type { Collector } from "../component/define-collector.ts";
import { createCollectorSet } from "./collector-set.ts";
import { createExecutorSet } from "./executor-set.ts";
import { releaseMemory } from "./release-memory.ts";
import type { CollectorPlan } from "../config/plan.ts";

export interface ServingDeps {
  readonly createCollector: (plan: CollectorPlan, settings: Plan["settings"]) => Collector;
  readonly createExecutor: (plan: ExecutorPlan) => Executor;
  readonly dispatcher: Pick<Dispatcher, "configure">;
  readonly logger: Logger;
  readonly health: HealthBoard;
}

export interface Serving {
  /** Rejects when a collector or an executor cannot be made or started; then all is as it was. */
  apply(plan: Plan, number: number): Promise<void>;
  /** The generation in service. There is one before any collector starts. */
  generation(): Generation;
  plan(): Plan;
  stopCollectors(): Promise<void>;
  closeExecutors(): Promise<void>;
}

export function createServing(deps: ServingDeps): Serving {
  const collectors = createCollectorSet(deps);
  const executors = createExecutorSet(deps.createExecutor, deps);
  let current: { readonly plan: Plan; readonly generation: Generation } | null = null;
  const inService = () => {
    if (!current) throw new Error("no generation is in service yet");
    return current;
  };
  return {
    async apply(plan, number) {
      const next = { plan, generation: await generationOf(plan, number) };
      if (current === null) await releaseMemory();
      const prepared = executors.prepare(plan.executors);
      const enter = (): void => {
        prepared.commit(deps.dispatcher.configure(prepared.executors));
        current = next;
      };
      const isFirst = current === null;
      if (isFirst) enter(); // collectors may bring events before they have all started
      try {
        await collectors.apply(
          plan.collectors.map((collector) => ({
            id: collector.id,
            hash: `${collector.hash} ${JSON.stringify(limitsOf(plan))}`,
            create: () => deps.createCollector(collector, plan.settings),
          })),
        );
      } catch (error) {
        if (!isFirst) await prepared.discard();
        throw error;
      }
      if (!isFirst) enter();
    },
    generation: () => inService().generation,
    plan: () => inService().plan,
    stopCollectors: () => collectors.stop(),
    closeExecutors: () => executors.close(),
  };
}

/** Events go on being served by the generation before while the rules are compiled. */
async function generationOf({ tree, executors }: Plan, number: number): Promise<Generation> {
  const orders = new Map(executors.map((plan) => [plan.id, plan.dispatch.orderOf]));
  const matcher = await compileMatcherInSlices(tree, () => setImmediate());
  return { number, matcher, orderOf: (id) => orders.get(id) ?? (() => null) };
}

/** Settings that a collector is made with besides its own. */
export const limitsOf = ({ settings: { ingest, limits } }: Pick<Plan, "settings">) => ({
  maxBodyBytes: ingest.maxBodyBytes,
  maxInFlightBytes: ingest.maxInFlightBytes,
  jsonDepth: limits.jsonDepth,
});
