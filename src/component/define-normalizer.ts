import type { EventDraft } from "../core/event/event.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Result } from "../core/result.ts";
import type { TimeZone } from "../core/template/time-zone.ts";

/** What came with a document (ingest.md: the *context*); header names are lower case, secrets masked. */
export interface InputContext {
  readonly collector: string;
  readonly receivedMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly remoteAddress?: string;
  /** Subject CN of a verified client certificate. */
  readonly clientCertificate?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: string;
  readonly key?: string | undefined;
  readonly timestampMs?: number | undefined;
  /** W3C traceparent of the sender. */
  readonly traceparent?: string;
  /** Of times that are written without a zone; absent: UTC. */
  readonly zone?: TimeZone;
  /** Id of the whole input given by the sender (Idempotency-Key); a splitting collector appends `#n` itself. */
  readonly inputId?: string;
  /** Id of the whole input by its place in the transport (topic, partition, offset …). */
  readonly positionId?: string;
}

export interface NormalizerExample {
  readonly title: string;
  readonly document: Json;
  readonly events: readonly EventDraft[];
}

/** One sender's document shape → events. Pure. */
export interface NormalizerType {
  readonly format: string;
  readonly summary: string;
  /** Does this document look like the format? Asked by `auto`, in the order of the list. */
  recognizes(document: JsonObject): boolean;
  /** The error says what is missing and what was found. */
  normalize(document: Json, context: InputContext): Result<readonly EventDraft[], string>;
  readonly examples: readonly NormalizerExample[];
}

export const defineNormalizer = (declaration: NormalizerType): NormalizerType => declaration;
