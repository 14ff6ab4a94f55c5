/**
 * Items of a bulk request → arrivals, and what each item is answered.
 *
 * | operation | event | identity |
 * |---|---|---|
 * | create | its document | index and `_id`, when it has one |
 * | index | its document | index, `_id` and a hash of the document: the next document under the same id is a new fact |
 * | update | its `doc`, else its `upsert` | none |
 * | delete | none: it is answered as done | - |
 *
 * Each event has `metadata.elasticsearch`: `index`, `op` and, when given, `id` and `pipeline`. In mappings the index is
 * `${^topic}` and the id `${^key}`.
 */
import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import type { CollectorDeps, RejectedInput, RejectReason } from "../../component/define-collector.ts";
import type { InputContext } from "../../component/define-normalizer.ts";
import type { Arrival } from "../../core/event/event.ts";
import { isObject, member, parseJson, type Json, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BulkItem } from "./bulk-request.ts";
import { resolveIndexName } from "./date-math.ts";
import { fingerprintOf, type ExpectedRepeats } from "./expected-repeats.ts";
import { ItemContext } from "./item-context.ts";

export interface ItemResult {
  readonly item: BulkItem;
  /** The index with its date resolved. */
  readonly index: string;
  /** Of the document: its own, else that of its event. */
  readonly id: string | undefined;
  readonly status: number;
  readonly error: { readonly type: string; readonly reason: string } | null;
  /** Names the item when the sender repeats it; null when it made no event. */
  readonly fingerprint: (() => string) | null;
}

export interface TakenItems {
  readonly arrivals: readonly Arrival[];
  readonly rejected: readonly RejectedInput[];
  readonly results: readonly ItemResult[];
}

export interface TakeDeps extends Pick<CollectorDeps, "intake" | "countRejected" | "logger"> {
  readonly jsonDepth: number;
  /** What was committed before and is known to come again. */
  readonly repeats: ExpectedRepeats;
}

const SLICE_ITEMS = 200;
const SLICE_BYTES = 256 * 1024;
const SAMPLE_BYTES = 64 * 1024;
const INTERNAL = "internal: the document met a bug; the log has the details";

/** `first` is the number of the first of these items in the request. */
export async function takeItems(
  items: readonly BulkItem[],
  first: number,
  body: Buffer,
  context: InputContext,
  deps: TakeDeps,
): Promise<TakenItems> {
  const arrivals: Arrival[] = [];
  const rejected: RejectedInput[] = [];
  const results: ItemResult[] = [];
  let sliceItems = 0;
  let sliceBytes = 0;
  for (const [at, item] of items.entries()) {
    const index = resolveIndexName(item.index, context.receivedMs);
    const taken = takeItem(item, index, body, context, deps);
    if (taken.ok) {
      for (const arrival of taken.value.arrivals) arrivals.push(arrival);
      results.push(taken.value.result);
    } else {
      const { status = 400, type, reason, counted } = taken.error;
      deps.countRejected(counted);
      rejected.push({ index: first + at, reason, sample: sampleOf(body, item) });
      results.push(failed(item, index, status, type, reason));
    }
    sliceBytes += item.end - item.start;
    if (++sliceItems >= SLICE_ITEMS || sliceBytes >= SLICE_BYTES) {
      sliceItems = sliceBytes = 0;
      await setImmediate();
    }
  }
  return { arrivals, rejected, results };
}

interface Refused {
  readonly status?: number;
  readonly type: string;
  readonly reason: string;
  readonly counted: RejectReason;
}
interface TakenItem {
  readonly arrivals: readonly Arrival[];
  readonly result: ItemResult;
}

function takeItem(
  item: BulkItem,
  index: string,
  body: Buffer,
  context: InputContext,
  deps: TakeDeps,
): Result<TakenItem, Refused> {
  const done = (id: string | undefined, fingerprint: ItemResult["fingerprint"]): ItemResult => ({
    item,
    index,
    id: item.id ?? id,
    status: item.op === "create" || item.op === "index" ? 201 : 200,
    error: null,
    fingerprint,
  });
  if (item.op === "delete") return ok({ arrivals: [], result: done(undefined, null) });

  const document = documentOf(item, body, deps.jsonDepth);
  if (!document.ok) return document;
  let known: string | undefined;
  const fingerprint = (): string => (known ??= fingerprintOf(item.op, index, item.id, document.value));
  if (deps.repeats.size > 0 && deps.repeats.take(fingerprint()))
    return ok({ arrivals: [], result: done(fingerprint().slice(0, 20), fingerprint) });

  const inputId = identityOf(item, index, fingerprint);
  const own = new ItemContext(context, index, item.id, inputId);
  const taken = intakeOf(document.value, own, deps);
  if (!taken.ok) return taken;
  const elasticsearch = metadataOf(item, index);
  const arrivals = taken.value.map((arrival) => ({
    ...arrival,
    event: { ...arrival.event, metadata: { elasticsearch, ...arrival.event.metadata } },
  }));
  return ok({ arrivals, result: done(arrivals[0]?.event.id, fingerprint) });
}

/** Of items that could not be committed now: their sender repeats them. */
export const postponed = (items: readonly BulkItem[], { receivedMs }: InputContext): readonly ItemResult[] =>
  items.map((item) =>
    failed(item, resolveIndexName(item.index, receivedMs), 429, "es_rejected_execution_exception", "not committed now"),
  );

const failed = (item: BulkItem, index: string, status: number, type: string, reason: string): ItemResult => ({
  item,
  index,
  id: item.id,
  status,
  error: { type, reason },
  fingerprint: null,
});

function documentOf(item: BulkItem, body: Buffer, jsonDepth: number): Result<JsonObject, Refused> {
  const text = body.subarray(item.start, item.end);
  if (!isUtf8(text))
    return err({ type: "document_parsing_exception", reason: "not valid UTF-8", counted: "bad_encoding" });
  const depth = item.op === "update" ? jsonDepth + 1 : jsonDepth;
  const parsed = parseJson(text.toString("utf8"), depth);
  if (!parsed.ok) {
    const { kind, message } = parsed.error;
    return err({
      type: "document_parsing_exception",
      reason: message,
      counted: kind === "depth" ? "too_deep" : "bad_json",
    });
  }
  const document = item.op === "update" ? changeOf(parsed.value) : parsed.value;
  if (isObject(document)) return ok(document);
  return err(
    item.op === "update"
      ? refused("action_request_validation_exception", "an update has an object `doc` or `upsert`; both are missing")
      : refused("document_parsing_exception", "a document is an object"),
  );
}

const refused = (type: string, reason: string): Refused => ({ type, reason, counted: "unreadable" });

const changeOf = (update: Json): Json | undefined =>
  isObject(update) ? (member(update, "doc") ?? member(update, "upsert")) : undefined;

/** No index name holds a slash. */
function identityOf({ op, id }: BulkItem, index: string, fingerprint: () => string): string | undefined {
  if (id === undefined || op === "update") return undefined;
  return op === "create" ? `${index}/${id}` : `${index}/${id}/${fingerprint()}`;
}

function metadataOf({ op, id, pipeline }: BulkItem, index: string): JsonObject {
  return {
    index,
    op,
    ...(id === undefined ? {} : { id }),
    ...(pipeline === undefined ? {} : { pipeline }),
  };
}

function intakeOf(document: JsonObject, context: InputContext, deps: TakeDeps): Result<readonly Arrival[], Refused> {
  try {
    const taken = deps.intake(document, context);
    return taken.ok ? taken : err(refused("document_parsing_exception", taken.error));
  } catch (error) {
    deps.logger.error({ err: error }, "a document met a bug in normalizer or mapping");
    return err(refused("document_parsing_exception", INTERNAL));
  }
}

function sampleOf(body: Buffer, { start, end }: BulkItem): string {
  const text = body.toString("utf8", start, Math.min(end, start + SAMPLE_BYTES));
  return end - start > SAMPLE_BYTES ? text.replace(/\uFFFD$/, "") : text;
}
