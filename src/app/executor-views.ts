import type { Store } from "../component/store.ts";
import type { Plan } from "../config/plan.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { ExecutorView } from "../http/contract/executors.ts";

/** What is configured, what is being sent and what lies in the store, put together per executor. */
export async function executorViews(
  { executors }: Plan,
  dispatcher: Pick<Dispatcher, "status">,
  store: Pick<Store, "stats">,
): Promise<readonly ExecutorView[]> {
  const { executors: stored } = await store.stats();
  const sending = new Map(dispatcher.status().map((status) => [status.id, status]));
  const plans = new Map(executors.map((plan) => [plan.id, plan]));
  return [...new Set([...plans.keys(), ...Object.keys(stored)])].map((id) => {
    const plan = plans.get(id);
    const { pending = 0, waiting = 0, dead = 0, oldestMs = null } = stored[id] ?? {};
    return {
      id,
      type: plan?.type.type ?? null,
      dry_run: plan?.dispatch.dryRun ?? false,
      breaker: sending.get(id)?.breaker ?? "closed",
      in_flight: sending.get(id)?.inFlight ?? 0,
      pending,
      waiting,
      dead,
      oldest_ms: oldestMs,
    };
  });
}
