/** The running executors. A reload carries over those whose plan did not change, with their pools and breakers. */
import type { Executor } from "../component/define-executor.ts";
import type { RunningExecutor } from "../engine/dispatcher.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { Logger } from "../component/logger.ts";

export interface PreparedExecutors {
  readonly executors: readonly RunningExecutor[];
  /** They are in service; those they replace are closed when `unused` resolves. */
  commit(unused: Promise<void>): void;
  /** Closes what was made in vain. */
  discard(): Promise<void>;
}

export interface ExecutorSet {
  prepare(plans: readonly ExecutorPlan[]): PreparedExecutors;
  close(): Promise<void>;
}

export function createExecutorSet(
  create: (plan: ExecutorPlan) => Executor,
  { logger }: { readonly logger: Logger },
): ExecutorSet {
  let running: readonly RunningExecutor[] = [];
  let closing: Promise<unknown> = Promise.resolve();
  const close = async (executors: readonly RunningExecutor[]): Promise<void> => {
    const closed = await Promise.allSettled(executors.map(({ executor }) => executor.close?.()));
    for (const [index, result] of closed.entries())
      if (result.status === "rejected")
        logger.error(
          { err: result.reason as unknown, executor: executors[index]!.plan.id },
          "closing an executor failed",
        );
  };
  return {
    prepare(plans) {
      const made: RunningExecutor[] = [];
      const executors = plans.map((plan) => {
        const old = running.find((one) => one.plan.id === plan.id && one.plan.hash === plan.hash);
        if (old) return old;
        const fresh = { plan, executor: create(plan) };
        made.push(fresh);
        return fresh;
      });
      return {
        executors,
        commit(unused) {
          const replaced = running.filter((one) => !executors.includes(one));
          running = executors;
          closing = Promise.all([closing, unused.then(() => close(replaced))]);
        },
        discard: () => close(made),
      };
    },
    async close() {
      const all = running;
      running = [];
      await Promise.all([closing, close(all)]);
    },
  };
}
