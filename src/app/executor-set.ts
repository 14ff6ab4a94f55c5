/** The running executors. A reload carries over those whose plan did not change, with their pools and breakers. */
import { AppError } from "../component/app-error.ts";
import type { Executor } from "../component/define-executor.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { Logger } from "../component/logger.ts";
import type { RunningExecutor } from "../engine/dispatcher.ts";

export interface PreparedExecutors {
  readonly executors: readonly RunningExecutor[];
  /** They are in service; those they replace are closed when `unused` resolves. */
  commit(unused: Promise<void>): void;
  /** Closes what was made in vain. */
  discard(): Promise<void>;
}

export interface ExecutorSet {
  /** Throws AppError `configuration` when one cannot be made; then nothing was. */
  prepare(plans: readonly ExecutorPlan[]): PreparedExecutors;
  /** Closes all, those too that were replaced and are still in use. */
  close(): Promise<void>;
}

export function createExecutorSet(
  create: (plan: ExecutorPlan) => Executor,
  { logger }: { readonly logger: Logger },
): ExecutorSet {
  let running: readonly RunningExecutor[] = [];
  const retired = new Set<RunningExecutor>();

  const close = async (executors: readonly RunningExecutor[]): Promise<void> => {
    for (const one of executors) retired.delete(one);
    const closed = await Promise.allSettled(executors.map(({ executor }) => executor.close?.()));
    for (const [index, result] of closed.entries())
      if (result.status === "rejected")
        logger.error(
          { err: result.reason as unknown, executor: executors[index]!.plan.id },
          "closing an executor failed",
        );
  };

  const make = (plan: ExecutorPlan): RunningExecutor => {
    try {
      return { plan, executor: create(plan) };
    } catch (cause) {
      const message = `executor ${plan.id} cannot be made: ${(cause as Error).message}`;
      throw new AppError("configuration", message, { cause });
    }
  };

  return {
    prepare(plans) {
      const made: RunningExecutor[] = [];
      const reuse = (plan: ExecutorPlan): RunningExecutor => {
        const old = running.find((one) => one.plan.id === plan.id && one.plan.hash === plan.hash);
        if (old) return old;
        made.push(make(plan));
        return made.at(-1)!;
      };
      let executors: readonly RunningExecutor[];
      try {
        executors = plans.map(reuse);
      } catch (error) {
        void close(made); // never rejects
        throw error;
      }
      return {
        executors,
        commit(unused) {
          const replaced = running.filter((one) => !executors.includes(one));
          running = executors;
          for (const one of replaced) retired.add(one);
          void unused.then(() => close(replaced.filter((one) => retired.has(one))));
        },
        discard: () => close(made),
      };
    },
    async close() {
      const all = [...running, ...retired];
      running = [];
      await close(all);
    },
  };
}
