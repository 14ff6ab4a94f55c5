/**
 * Splunk's HTTP Event Collector (HEC).
 *
 * `/services/collector/event` takes JSON objects one after the other (no array), each with `event` and metadata beside
 * it; `/services/collector/raw` takes text, with the metadata in the query. An answer is `{text, code}`, and for one
 * event of several `invalid-event-number`: where working them off stopped. Some versions count from 0, others from 1,
 * and what came before may be indexed already; so the two events that may be meant are sent alone, and those around
 * them again. That none of the good ones is lost is worth a repeat, which carries the same delivery key.
 *
 * | answer | outcome |
 * |---|---|
 * | 200, code 0 | delivered; with acknowledgements: when the indexers have it on disk |
 * | 401, 403 with codes 1 to 4 (token disabled, missing, malformed, unknown) | unavailable |
 * | 400 with codes 10, 11, 14, 16 (channel, acknowledgements or authorization are set up otherwise) | unavailable |
 * | 400 with any other code (5, 6, 7, 12, 13, 15: no data, format, index, event missing or blank, fields), 413 | split, until one event is left, which is rejected |
 * | 500, 503 with codes 8, 9, 18 to 20, 23 (internal error, busy, unhealthy, shutting down) | retry |
 * | everything else | the table of http-outcome.ts |
 *
 * With indexer acknowledgement a 200 has an `ackId`; `/services/collector/ack` says of it whether it is done. Sources:
 * Splunk Enterprise, "Get data in", HTTP Event Collector: REST endpoints, troubleshooting, indexer acknowledgment.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../component/clock.ts";
import { isObject, member, parseJson, printJson, type JsonObject } from "../../core/json.ts";
import { delivered, reject, retry, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import { printDuration } from "../../core/duration.ts";
import type { Result } from "../../core/result.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import { outcomeOfStatus, responseText, statusText, withAnswer, type OutcomeContext } from "./http-outcome.ts";

const TOKEN_CODES: ReadonlySet<unknown> = new Set([1, 2, 3, 4]);
const SETUP_CODES: ReadonlySet<unknown> = new Set([10, 11, 14, 16]);

export type HecSend = (events: readonly string[]) => Promise<Result<HttpAnswer, Outcome>>;
/** What becomes of events that were taken. */
export type HecConfirm = (answer: HttpAnswer) => Promise<Outcome>;

/** Sends events (as they stand in the body), splitting what is refused; one outcome per event, in order. */
export async function sendEvents(
  events: readonly string[],
  send: HecSend,
  confirm: HecConfirm,
  context: OutcomeContext,
): Promise<readonly Outcome[]> {
  const answer = await send(events);
  const whole = answer.ok ? outcomeOfHec(answer.value, context) : answer.error;
  if (answer.ok && whole.kind === "delivered") {
    const outcome = await confirm(answer.value);
    return events.map(() => outcome);
  }
  if (!answer.ok || whole.kind !== "reject" || !isSplit(answer.value) || events.length === 1)
    return events.map(() => whole);
  const outcomes: Outcome[] = [];
  for (const part of split(events, invalidNumber(answer.value)))
    outcomes.push(...(await sendEvents(part, send, confirm, context)));
  return outcomes;
}

/** One answer, taken as being about all of its events. */
export function outcomeOfHec(answer: HttpAnswer, context: OutcomeContext): Outcome {
  const { status } = answer;
  const body = bodyOf(answer);
  const code = member(body, "code");
  const general = outcomeOfStatus(answer, context);
  const response = responseText(answer.text, context.redact);
  const said = `${member(body, "text") ?? ""}${typeof code === "number" ? ` (code ${code})` : ""}`.trim();
  const reason = withAnswer(`${answer.target} answered ${statusText(status)}`, context.redact(said));
  if (general.kind === "delivered")
    return typeof code === "number" && code !== 0 ? retry(reason, { response }) : general;
  if ((status === 401 || status === 403) && TOKEN_CODES.has(code)) return unavailable(reason);
  if (status === 400 && SETUP_CODES.has(code)) return unavailable(reason);
  return general.kind === "reject" && said !== "" ? reject(reason, response) : general;
}

const isSplit = ({ status }: HttpAnswer): boolean => status === 400 || status === 413;

function invalidNumber(answer: HttpAnswer): number | undefined {
  const number = member(bodyOf(answer), "invalid-event-number");
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** Around the events that `number` may mean, counted from 0 or from 1; in halves when it means none. */
function split(events: readonly string[], number: number | undefined): readonly (readonly string[])[] {
  const bounds =
    number === undefined || number > events.length
      ? [events.length >> 1]
      : [number - 1, number, number + 1].filter((at) => at > 0 && at < events.length);
  return [0, ...bounds].map((from, i) => events.slice(from, bounds[i] ?? events.length));
}

function bodyOf(answer: HttpAnswer): JsonObject {
  const body = parseJson(answer.text);
  return body.ok && isObject(body.value) ? body.value : {};
}

export interface AckDeps {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Of the executor's clock, monotonic. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Posts a document to `/services/collector/ack`. */
  ask(body: string): Promise<Result<HttpAnswer, Outcome>>;
}

/** Asks until what `answer` took is acknowledged; retry when that did not happen in time. */
export async function awaitAck(answer: HttpAnswer, deps: AckDeps, context: OutcomeContext): Promise<Outcome> {
  const { clock, intervalMs, deadlineMs, signal } = deps;
  const ackId = member(bodyOf(answer), "ackId");
  if (typeof ackId !== "number") return delivered("taken, but not acknowledged: the token does not give an ackId");
  const startMs = clock.monotonicMs();
  while (clock.monotonicMs() + intervalMs <= deadlineMs) {
    await pause(intervalMs, clock, signal);
    if (signal.aborted) return retry(`the wait for an acknowledgement of ${answer.target} was broken off`);
    const asked = await deps.ask(printJson({ acks: [ackId] }));
    const outcome = asked.ok ? outcomeOfHec(asked.value, context) : asked.error;
    if (outcome.kind === "unavailable") return outcome;
    // What ails the question (busy, a lost connection) is no word about the events: it is asked again.
    const acks = asked.ok && outcome.kind === "delivered" ? member(bodyOf(asked.value), "acks") : undefined;
    if (isObject(acks) && member(acks, String(ackId)) === true) return delivered();
  }
  const waited = printDuration(clock.monotonicMs() - startMs);
  return retry(`${answer.target} took it, but did not acknowledge it within ${waited}`);
}

const pause = (ms: number, clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });

/** A channel (a UUID of version 8) that stays the same for the same seed. */
export function channelOf(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
