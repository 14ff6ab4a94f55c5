/** Document → events: the collector's normalizer, then its mapping, then identity and metadata (ingest.md). */
import type { Arrival, Event, EventDraft } from "../core/event/event.ts";
import { eventId } from "../core/event/identity.ts";
import { traceIdOf } from "../core/event/traceparent.ts";
import { setMember, type Json, type JsonObject, type MutableJsonObject } from "../core/json.ts";
import type { Mapping } from "../core/mapping/compile-mapping.ts";
import type { Regex } from "../core/regex/regex.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Intake } from "./define-collector.ts";
import type { InputContext, NormalizerType } from "./define-normalizer.ts";

export interface IntakeOptions {
  readonly collectorId: string;
  readonly normalizer: Pick<NormalizerType, "normalize">;
  readonly mapping: Mapping | null;
  readonly trustMetadata: boolean;
  /** Metadata key → where from; without a regex the whole value, else its first group. */
  readonly metadataFrom: Readonly<Record<string, { readonly from: string; readonly regex: Regex | null }>>;
}

export function createIntake(options: IntakeOptions, deps: { readonly uuid: (nowMs: number) => string }): Intake {
  const transportKeys = Object.entries(options.metadataFrom);

  function eventOf(draft: EventDraft, id: string, traceId: string | null, context: InputContext): Event {
    const metadata = draft.metadata ?? NO_METADATA;
    return {
      id,
      type: draft.type ?? options.collectorId,
      created_ms: draft.created_ms ?? context.receivedMs,
      payload: draft.payload,
      metadata: transportKeys.length > 0 ? withTransport(metadata, transportKeys, context) : metadata,
      trace_id: draft.trace_id ?? traceId,
    };
  }

  return (document, context) => {
    const drafts = options.normalizer.normalize(document, context);
    if (!drafts.ok) return drafts;
    const { positionId, inputId, traceparent } = context;
    const traceId = traceparent === undefined ? null : traceIdOf(traceparent);
    const count = drafts.value.length;
    const arrivals: Arrival[] = [];
    for (let index = 0; index < count; index++) {
      const draft = drafts.value[index]!;
      const mapped = map(options, draft, document, context);
      if (!mapped.ok) return mapped;
      const id = eventId({ inputId, draftId: draft.id, positionId, index, count });
      const event = eventOf(mapped.value, id ?? deps.uuid(context.receivedMs), traceId, context);
      const arrival: Arrival = { event, identity: id === undefined ? "generated" : "given" };
      const shorter = id !== undefined && id === draft.id && draft.knownForMs !== undefined;
      const ownTrace = positionId !== undefined && traceparent !== undefined;
      // Nearly no event has either, and copying into the arrival costs as much as making it.
      arrivals.push(
        shorter || ownTrace
          ? {
              ...arrival,
              ...(shorter ? { knownForMs: draft.knownForMs, ...causeOf(context) } : {}),
              ...(ownTrace ? { traceparent } : {}),
            }
          : arrival,
      );
    }
    return ok(arrivals);
  };
}

const NO_METADATA: JsonObject = Object.freeze({});

/** A record may come to several instances, each with a store of its own, and gets the same delivery keys in all. */
const causeOf = ({ positionId, timestampMs }: InputContext): { readonly causeMs?: number } =>
  positionId === undefined || timestampMs === undefined ? {} : { causeMs: timestampMs };

/** The sender's `tenant_id` goes before the mapping, so that the configuration may still set one. */
function map(
  options: IntakeOptions,
  draft: EventDraft,
  document: Json,
  context: InputContext,
): Result<EventDraft, string> {
  let clean = draft;
  if (!options.trustMetadata && draft.metadata && Object.hasOwn(draft.metadata, "tenant_id")) {
    const { tenant_id: _, ...rest } = draft.metadata;
    clean = { ...draft, metadata: rest };
  }
  return options.mapping ? options.mapping.apply(clean, () => mappingContext(document, context)) : ok(clean);
}

function mappingContext(document: Json, context: InputContext): JsonObject {
  return {
    document,
    headers: context.headers ?? null,
    query: context.query ?? null,
    method: context.method ?? null,
    remote_address: context.remoteAddress ?? null,
    collector: context.collector,
    topic: context.topic ?? null,
    partition: context.partition ?? null,
    offset: context.offset ?? null,
    key: context.key ?? null,
    timestamp: context.timestampMs ?? null,
  };
}

function withTransport(
  metadata: JsonObject,
  keys: readonly (readonly [string, IntakeOptions["metadataFrom"][string]])[],
  context: InputContext,
): JsonObject {
  const result: MutableJsonObject = { ...metadata };
  for (const [key, { from, regex }] of keys) {
    const source = transportValue(from, context);
    if (source === undefined) continue;
    const found = regex ? regex.first(source) : null;
    const value = regex ? (found?.groups[1] ?? found?.groups[0]) : source;
    if (value !== undefined) setMember(result, key, value);
  }
  return result;
}

function transportValue(from: string, context: InputContext): string | undefined {
  if (from.startsWith("header:")) return context.headers?.[from.slice(7).toLowerCase()];
  if (from === "client_certificate") return context.clientCertificate;
  return context.topic; // `topic`, and `subject`, which is the topic of NATS
}

/** Checks a `from` of `metadata_from` at load. */
export const transportSource = (from: string): Result<string, string> =>
  /^(topic|subject|client_certificate|header:[A-Za-z0-9!#$%&'*+.^_|~-]+)$/.test(from)
    ? ok(from)
    : err(`"${from}" is no source; accepted: topic, subject, client_certificate, header:NAME`);
