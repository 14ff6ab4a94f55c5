import type { Json, JsonObject } from "../json.ts";

/**
 * A fact, normalized: what rules see under `${event…}`. `created_ms` is epoch milliseconds. The keys are snake_case
 * because they are the language's own (`${event.created_ms}`).
 */
export interface Event {
  readonly id: string;
  readonly type: string;
  readonly created_ms: number;
  readonly payload: JsonObject;
  readonly metadata: JsonObject;
  /** From W3C `traceparent` when the sender has one. */
  readonly trace_id: string | null;
  /** Present only below an iterator node. */
  readonly iterator?: { readonly iteration: number | string; readonly item: Json };
}

/** What a normalizer makes of a document; the missing parts are filled in by `component/intake.ts`. */
export interface EventDraft {
  /** The sender's own id of this event, if the format has one. */
  readonly id?: string;
  /** How long `id` identifies the event, when shorter than the store's retention. Milliseconds. */
  readonly knownForMs?: number;
  /** Absent: the collector's id. */
  readonly type?: string;
  /** Absent: the time of receipt. */
  readonly created_ms?: number;
  readonly payload: JsonObject;
  readonly metadata?: JsonObject;
  /** Absent: that of the sender's `traceparent`, if it has one. */
  readonly trace_id?: string;
}

/** An event at the engine's door, with what is known of its identity. */
export interface Arrival {
  readonly event: Event;
  /** `given`: a repeat is recognized by (collector, event id). `generated`: the id was made up here, nothing is recorded. */
  readonly identity: "given" | "generated";
  /** Milliseconds; absent: the store's retention. */
  readonly knownForMs?: number;
  /** Stands for the time of receipt in delivery keys, when every reader of the input knows it (a Kafka record's time). */
  readonly causeMs?: number;
  /** Of this event, when its emission holds several. */
  readonly traceparent?: string;
  /** How many `event` actions in a row led to it; absent: it came from outside. */
  readonly hops?: number;
}
