/**
 * One request: deliveries → outcomes. Secrets are put in here, at the last moment, and nothing
 * that an executor does (throw, hang, answer too few) gets past it: every delivery has an outcome.
 */
import type { Clock } from "../component/clock.ts";
import type { Executor, ExecutorItem } from "../component/define-executor.ts";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import type { Logger } from "../component/logger.ts";
import { createTimeLimits } from "../component/support/time-limits.ts";
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

/**
 * `abort` is the caller's way to end it early; the time limit uses it too. `ended` is called once, never before this
 * returns.
 */
export type Attempt = (
  running: RunningExecutor,
  deliveries: readonly Delivery[],
  abort: AbortController,
  ended: (attempted: Attempted) => void,
) => void;

/** What the executor was asked and has not answered. */
interface Asked {
  readonly items: readonly ExecutorItem[];
  readonly abort: AbortController;
  readonly limitMs: number;
  readonly answered: (answers: readonly Outcome[]) => void;
}

export function createAttempt(deps: AttemptDeps): Attempt {
  const { clock, logger } = deps;
  const limits = createTimeLimits<Asked>(clock, (asked) => {
    graces.begin(asked, ABORT_GRACE_MS);
    asked.abort.abort();
  });
  const graces = createTimeLimits<Asked>(clock, ({ items, limitMs, answered }) => {
    const none = retry(`no outcome within ${printDuration(limitMs)}, nor after the request was ended`);
    answered(items.map(() => none));
  });
  const end = (asked: Asked, answers: readonly Outcome[]): void => {
    if (limits.end(asked) || graces.end(asked)) asked.answered(answers);
  };

  function begin(executor: Executor, asked: Asked): void {
    const { items, abort, limitMs } = asked;
    limits.begin(asked, limitMs);
    ask(executor, items, { signal: abort.signal }).then(
      (answer) => end(asked, perItem(answer, items, logger)),
      (error: unknown) => {
        const outcome = abort.signal.aborted
          ? retry("the request was ended before its outcome")
          : thrown(error, items[0], logger);
        end(
          asked,
          items.map(() => outcome),
        );
      },
    );
  }

  return (running, deliveries, abort, ended) => {
    const items: ExecutorItem[] = [];
    /** By the place of the delivery. */
    let refused: Map<number, Outcome> | null = null;
    for (const delivery of deliveries) {
      const item = prepare(delivery, running, deps);
      if (item.ok) items.push(item.value);
      else (refused ??= new Map()).set(items.length + refused.size, item.error);
    }
    const answered = (answers: readonly Outcome[]): void => {
      let next = 0;
      const outcomes = refused === null ? answers : deliveries.map((_, at) => refused.get(at) ?? answers[next++]!);
      ended({ outcomes, answers });
    };
    const limitMs = running.plan.dispatch.timeoutMs * Math.min(items.length, BATCH_TIMEOUTS);
    if (items.length > 0) begin(running.executor, { items, abort, limitMs, answered });
    else queueMicrotask(() => answered([]));
  };
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

/** Rejects with what the executor throws. */
function ask(
  executor: Executor,
  items: readonly ExecutorItem[],
  context: { readonly signal: AbortSignal },
): Promise<Outcome | readonly Outcome[]> {
  const { execute } = executor;
  try {
    if (executor.executeBatch) return executor.executeBatch(items, context);
    if (!execute)
      return Promise.resolve(items.map(() => reject("the executor offers neither execute nor executeBatch")));
    return items.length === 1 ? execute(items[0]!, context) : Promise.all(items.map((item) => execute(item, context)));
  } catch (error) {
    return Promise.reject(error as Error); // as it would be in an async function
  }
}

/** One outcome per item, whatever the executor gave; undefined, against its type, is none. */
function perItem(
  answer: Outcome | readonly Outcome[] | undefined,
  items: readonly ExecutorItem[],
  logger: Logger,
): readonly Outcome[] {
  const outcomes = answer === undefined ? [] : "kind" in answer ? [answer] : answer;
  if (outcomes.length === items.length) return outcomes;
  logger.error({ items: items.length, outcomes: outcomes.length }, "an executor gave too few or too many outcomes");
  return items.map(() => retry(`the executor gave ${outcomes.length} outcomes for ${items.length} deliveries`));
}

/** An executor never throws: this is a bug of it, and its text may hold anything, so it goes no further than the log. */
function thrown(error: unknown, item: ExecutorItem | undefined, logger: Logger): Outcome {
  logger.error({ err: error, rule: item?.rulePath, delivery: item?.idempotencyKey }, "an executor threw");
  return retry("internal error of the executor; the log has the details");
}
