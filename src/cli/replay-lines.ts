/**
 * `squall replay`: lines of events (or raw documents of a collector) through the rules, delivering nothing. What it
 * prints is fixed byte for byte by the input: ids are line numbers, *now* is a virtual clock, keys have an order.
 *
 * The clock starts at the first time that the input gives anywhere, 0 if it gives none, and moves with each event to
 * its `received_ms`, else to its `created_ms` when that is later. To know the first time, lines are held back until
 * one has a time.
 */
import type { Intake } from "../component/define-collector.ts";
import type { Event } from "../core/event/event.ts";
import { isArray, isObject, type Json, type JsonObject, member, parseJson, printJson } from "../core/json.ts";
import type { Matcher, RuleMatch } from "../core/match/matcher.ts";
import { err, ok, type Result } from "../core/result.ts";

export interface ReplayOptions {
  readonly matcher: Matcher;
  readonly trace: boolean;
  /** Given: a line is a raw document of this collector. */
  readonly collector: ReplayCollector | null;
}

export interface ReplayCollector {
  readonly id: string;
  /** An array is several documents. */
  readonly split: boolean;
  readonly intake: Intake;
}

export interface ReplayTotals {
  events: number;
  errors: number;
}

/** Yields the output, one text with its line feed per event. */
export async function* replayLines(
  lines: AsyncIterable<string>,
  options: ReplayOptions,
  totals: ReplayTotals = { events: 0, errors: 0 },
): AsyncGenerator<string, ReplayTotals> {
  const read = options.collector ? readDocument(options.collector) : readEvent;
  const held: Line[] = [];
  let nowMs: number | null = null;
  let number = 0;
  const run = function* (line: Line): Generator<string> {
    for (const found of read(line, nowMs ?? 0)) {
      if (!found.ok) {
        totals.errors += 1;
        yield `${printJson({ error: { code: "bad_input", message: found.error, line: line.number } })}\n`;
        continue;
      }
      totals.events += 1;
      const { event, receivedMs } = found.value;
      nowMs = receivedMs ?? Math.max(nowMs ?? 0, event.created_ms);
      yield `${printJson(outcomeOf(event, options))}\n`;
    }
  };
  for await (const text of lines) {
    number += 1;
    if (text.trim() === "") continue;
    const line = { text: number === 1 ? text.replace(/^\uFEFF/, "") : text, number };
    if (nowMs === null) {
      held.push(line);
      nowMs = firstTime(read(line, NaN));
      if (nowMs === null) continue;
      for (const one of held.splice(0)) yield* run(one);
    } else yield* run(line);
  }
  for (const one of held) yield* run(one);
  return totals;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

export interface Received {
  readonly event: Event;
  /** What the line says itself. */
  readonly receivedMs: number | null;
}

function outcomeOf(event: Event, { matcher, trace }: ReplayOptions): JsonObject {
  const found = trace ? matcher.trace(event) : { matches: matcher.match(event), trace: null };
  return {
    event: { id: event.id, type: event.type, created_ms: event.created_ms },
    matches: found.matches.map(printed),
    alerts: [],
    // A trace node is JSON by its own declaration; an interface has no index signature.
    ...(found.trace && { trace: found.trace as unknown as JsonObject }),
  };
}

const printed = ({ path, status, extracted, actions, message }: RuleMatch): JsonObject => ({
  path,
  status,
  extracted,
  actions: actions.map(({ id, payload }) => ({ id, payload })),
  ...(message !== undefined && { message }),
});

/** A time is unknown where reading gave the NaN that stood for *now*. */
function firstTime(found: Iterable<Result<Received, string>>): number | null {
  for (const one of found) {
    if (!one.ok) continue;
    const timeMs = one.value.receivedMs ?? one.value.event.created_ms;
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  return null;
}

function* readEvent({ text, number }: Line, nowMs: number): Generator<Result<Received, string>> {
  const parsed = parseJson(text);
  yield parsed.ok ? eventOf(parsed.value, number, nowMs) : err(parsed.error.message);
}

/** One event as a line gives it. */
export function eventOf(value: Json, number: number, nowMs: number): Result<Received, string> {
  if (!isObject(value)) return err(`an event is an object, found ${kindOf(value)}`);
  const field = <T extends Json>(key: string, accepted: string, is: (found: Json) => found is T): T | undefined => {
    const found = member(value, key);
    if (found === undefined) return undefined;
    if (!is(found)) throw new NoEvent(`${key}: found ${kindOf(found)}, accepted: ${accepted}`);
    return found;
  };
  try {
    const type = field("type", "text", isText);
    const payload = field("payload", "an object", isObject);
    if (type === undefined || payload === undefined)
      return err(`${type === undefined ? "type" : "payload"} is missing; an event has type and payload`);
    const receivedMs = field("received_ms", "epoch milliseconds", isTime) ?? null;
    const event = {
      id: field("id", "text", isText) ?? `line-${number}`,
      type,
      created_ms: field("created_ms", "epoch milliseconds", isTime) ?? receivedMs ?? nowMs,
      payload,
      metadata: field("metadata", "an object", isObject) ?? {},
      trace_id: field("trace_id", "text or null", isTextOrNull) ?? null,
    };
    return ok({ event, receivedMs });
  } catch (error) {
    if (error instanceof NoEvent) return err(error.message);
    throw error;
  }
}

class NoEvent extends Error {}

const isText = (found: Json): found is string => typeof found === "string";
const isTextOrNull = (found: Json): found is string | null => found === null || typeof found === "string";
const isTime = (found: Json): found is number => typeof found === "number" && Number.isInteger(found) && found >= 0;
const kindOf = (value: Json): string =>
  value === null
    ? "null"
    : isArray(value)
      ? "an array"
      : typeof value === "object"
        ? "an object"
        : printJson(value).slice(0, 60);

const readDocument = ({ id, split, intake }: ReplayCollector) =>
  function* ({ text, number }: Line, nowMs: number): Generator<Result<Received, string>> {
    const parsed = parseJson(text);
    if (!parsed.ok) return yield err(parsed.error.message);
    const documents = split && isArray(parsed.value) ? parsed.value : [parsed.value];
    const found = documents.map((document) => intake(document, { collector: id, receivedMs: nowMs }));
    const count = found.reduce((sum, one) => sum + (one.ok ? one.value.length : 0), 0);
    let k = 0;
    for (const one of found) {
      if (!one.ok) yield one;
      else
        for (const { event, identity } of one.value) {
          const made = count > 1 ? `line-${number}#${k}` : `line-${number}`;
          yield ok({ event: identity === "given" ? event : { ...event, id: made }, receivedMs: null });
          k += 1;
        }
    }
  };
