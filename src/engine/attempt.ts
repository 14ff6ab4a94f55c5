/**
 * One request: deliveries → outcomes. Secrets are put in here, at the last moment, and nothing
 * that an executor does (throw, hang, answer too few) gets past it: every delivery has an outcome.
 */
import type { Clock } from "../component/clock.ts";
import type { Executor, ExecutorItem } from "../component/define-executor.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { Logger } from "../component/logger.ts";
import { keyText, type Delivery } from "../core/delivery/delivery.ts";
import { delivered, reject, retry, type Outcome } from "../core/delivery/outcome.ts";
import { printDuration } from "../core/duration.ts";
import { isObject, parseJson } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { resolveSecrets } from "./resolve-secrets.ts";

export interface RunningExecutor {
  readonly plan: ExecutorPlan;
  readonly executor: Executor;
}

export interface AttemptDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long an executor may take to end after it was told to. */
const ABORT_GRACE_MS = 1000;
/** A batch may need several requests (an executor splits what the target found too large); each has its own limit. */
const BATCH_TIMEOUTS = 10;

export interface Attempted {
  /** Same length and order as the deliveries. */
  readonly outcomes: readonly Outcome[];
  /** Those that the executor gave; the others never came to it. */
  readonly answers: readonly Outcome[];
}

/** Never rejects. `abort` is the caller's way to end it early; the time limit uses it too. */
export async function attempt(
  running: RunningExecutor,
  deliveries: readonly Delivery[],
  abort: AbortController,
  deps: AttemptDeps,
): Promise<Attempted> {
  const prepared = deliveries.map((delivery) => prepare(delivery, running, deps));
  const items: ExecutorItem[] = [];
  for (const each of prepared) if (each.ok) items.push(each.value);
  const answers = items.length > 0 ? await withinTime(running, items, abort, deps) : [];
  if (items.length === prepared.length) return { outcomes: answers, answers };
  let next = 0;
  return { outcomes: prepared.map((each) => (each.ok ? answers[next++]! : each.error)), answers };
}

/** An error is the outcome of a delivery that does not come to the executor. */
function prepare(
  delivery: Delivery,
  { plan, executor }: RunningExecutor,
  deps: AttemptDeps,
): Result<ExecutorItem, Outcome> {
  const item = itemOf(delivery, plan);
  if (!item.ok || !(delivery.settings?.dryRun ?? plan.dispatch.dryRun)) return item;
  return err(dryRun(executor, item.value, deps));
}

function itemOf(delivery: Delivery, plan: ExecutorPlan): Result<ExecutorItem, Outcome> {
  const parsed = parseJson(delivery.payload);
  if (!parsed.ok) return err(reject(`payload: ${parsed.error.message}`));
  const payload = resolveSecrets(parsed.value, plan.secrets);
  if (!isObject(payload)) return err(reject("payload: expected an object"));
  const checked = plan.type.payload.safeParse(payload);
  if (!checked.success) {
    // zod's messages name the key and what is accepted; they never quote a string's value.
    const [issue] = checked.error.issues;
    const path = ["payload", ...(issue?.path ?? [])].join(".");
    const message = issue?.message ?? "not valid";
    return err(reject(`${path}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`));
  }
  return ok({
    payload,
    // With secrets in it the payload is another than the text that was committed.
    payloadText: payload === parsed.value ? delivery.payload : undefined,
    idempotencyKey: keyText(delivery.key),
    rulePath: delivery.rulePath,
    eventId: delivery.eventId,
    eventMs: delivery.eventMs,
    attempts: delivery.attempts,
    traceparent: delivery.traceparent,
    hops: delivery.hops ?? 0,
  });
}

function dryRun(executor: Executor, item: ExecutorItem, { logger }: AttemptDeps): Outcome {
  try {
    const fields = { rule: item.rulePath, event_id: item.eventId, delivery: item.idempotencyKey };
    logger.info({ ...fields, request: executor.preview(item) }, "dry run: this would be sent");
    return delivered("dry run");
  } catch (error) {
    return thrown(error, item, logger);
  }
}

function withinTime(
  { plan, executor }: RunningExecutor,
  items: readonly ExecutorItem[],
  abort: AbortController,
  deps: AttemptDeps,
): Promise<readonly Outcome[]> {
  const { clock } = deps;
  const limitMs = plan.dispatch.timeoutMs * Math.min(items.length, BATCH_TIMEOUTS);
  return new Promise((resolve) => {
    let cancelGrace: (() => void) | undefined;
    const cancel = clock.after(limitMs, () => abort.abort());
    const end = (outcomes: readonly Outcome[]): void => {
      cancel();
      cancelGrace?.();
      // A signal that still has a listener outlives collections of the young, with all that the listener knows.
      abort.signal.removeEventListener("abort", late);
      resolve(outcomes);
    };
    const late = (): void => {
      const none = retry(`no outcome within ${printDuration(limitMs)}, nor after the request was ended`);
      cancelGrace = clock.after(ABORT_GRACE_MS, () => end(items.map(() => none)));
    };
    abort.signal.addEventListener("abort", late);
    void execute(executor, items, abort.signal, deps).then(end); // never rejects
  });
}

async function execute(
  executor: Executor,
  items: readonly ExecutorItem[],
  signal: AbortSignal,
  { logger }: AttemptDeps,
): Promise<readonly Outcome[]> {
  const [first] = items;
  try {
    if (executor.executeBatch) {
      const outcomes = await executor.executeBatch(items, { signal });
      if (outcomes.length === items.length) return outcomes;
      logger.error({ items: items.length, outcomes: outcomes.length }, "an executor gave too few or too many outcomes");
      return items.map(() => retry(`the executor gave ${outcomes.length} outcomes for ${items.length} deliveries`));
    }
    if (!executor.execute) return items.map(() => reject("the executor offers neither execute nor executeBatch"));
    const { execute: one } = executor;
    if (items.length === 1) return [await one(first!, { signal })];
    return await Promise.all(items.map((item) => one(item, { signal })));
  } catch (error) {
    const outcome = signal.aborted ? retry("the request was ended before its outcome") : thrown(error, first, logger);
    return items.map(() => outcome);
  }
}

/** An executor never throws: this is a bug of it, and its text may hold anything, so it goes no further than the log. */
function thrown(error: unknown, item: ExecutorItem | undefined, logger: Logger): Outcome {
  logger.error({ err: error, rule: item?.rulePath, delivery: item?.idempotencyKey }, "an executor threw");
  return retry("internal error of the executor; the log has the details");
}
