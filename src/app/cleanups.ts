import type { Logger } from "../component/logger.ts";

/** What was started, to be taken down in reverse order: each step of the wiring pushes its own. */
export interface Cleanups {
  push(name: string, run: () => Promise<void> | void): void;
  /** Runs every one, once; a failure is logged and does not keep the rest from running. */
  runAll(logger: Logger): Promise<void>;
}

export function createCleanups(): Cleanups {
  const stack: { readonly name: string; readonly run: () => Promise<void> | void }[] = [];
  return {
    push(name, run) {
      stack.push({ name, run });
    },
    async runAll(logger) {
      for (let next = stack.pop(); next; next = stack.pop()) {
        try {
          await next.run();
        } catch (error) {
          logger.error({ err: error, step: next.name }, "stopping a part failed");
        }
      }
    },
  };
}
