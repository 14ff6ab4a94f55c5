/** Records of one partition → emissions, each of a bounded part of them, in their order. */
import { isUtf8 } from "node:buffer";
import type { CollectorDeps, Emission, RejectedInput, RejectReason } from "../component/define-collector.ts";
import type { KafkaBatch, KafkaRecord } from "../component/support/kafka-client.ts";
import type { UnreadableBatch, UnreadableBatches } from "../component/support/kafka-codecs.ts";
import type { Arrival } from "../core/event/event.ts";
import { parseJson, type Json } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { KafkaContext, type KafkaOrigin } from "./kafka-context.ts";

export interface RecordPart {
  readonly records: readonly KafkaRecord[];
  readonly bytes: number;
  /** Offset behind its last record. */
  readonly next: string;
}

/**
 * One emission at most: what a commit, a retry and a repeat after a kill are about. It is parsed without a breath, a few
 * milliseconds, and matched right then, so that what matches nothing is gone before the garbage collector has moved it.
 */
const PART_RECORDS = 250;
const PART_BYTES = 256 * 1024;
const SAMPLE_BYTES = 64 * 1024;

export function* partsOf({ messages, lastOffset }: KafkaBatch, maxBytes: number): Generator<RecordPart> {
  const most = Math.min(PART_BYTES, maxBytes);
  for (let at = 0; at < messages.length;) {
    let end = at;
    let bytes = 0;
    while (end < messages.length && end - at < PART_RECORDS) {
      const size = sizeOf(messages[end]!);
      if (end > at && bytes + size > most) break;
      bytes += size;
      end++;
    }
    // Behind the last record of a batch there may be markers, which are read with it.
    const last = end === messages.length ? lastOffset : messages[end - 1]!.offset;
    yield { records: messages.slice(at, end), bytes, next: String(BigInt(last) + 1n) };
    at = end;
  }
}

export interface TakeInDeps extends Pick<CollectorDeps, "id" | "intake" | "clock" | "logger" | "countRejected"> {
  readonly unreadable: UnreadableBatches;
  readonly jsonDepth: number;
  readonly value: "json" | "text";
  readonly onTombstones: (count: number) => void;
}

type Place = Pick<KafkaBatch, "topic" | "partition">;

export function createTakeIn(deps: TakeInDeps) {
  const { id: collector, clock } = deps;
  /** A batch may end in one part and go on in the next, and is reported once. */
  let reported: UnreadableBatch | undefined;

  const documentOf = (value: Buffer): Result<Json, { readonly reason: RejectReason; readonly message: string }> => {
    if (!isUtf8(value)) return err({ reason: "bad_encoding", message: "not valid UTF-8" });
    const hasMark = value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf;
    const text = value.toString("utf8", hasMark ? 3 : 0);
    if (deps.value === "text") return ok(text);
    const parsed = parseJson(text, deps.jsonDepth);
    if (parsed.ok) return parsed;
    return err({ reason: parsed.error.kind === "depth" ? "too_deep" : "bad_json", message: parsed.error.message });
  };

  const intakeOf = (document: Json, context: KafkaContext) => {
    try {
      const taken = deps.intake(document, context);
      return taken.ok ? taken : err({ reason: "unreadable" as const, message: taken.error });
    } catch (error) {
      deps.logger.error({ err: error, offset: context.offset }, "a record met a bug in normalizer or mapping");
      return err({ reason: "unreadable" as const, message: "internal: the record met a bug; the log has the details" });
    }
  };

  return function takeIn(place: Place, { records }: RecordPart): Emission {
    const receivedMs = clock.nowMs();
    const { topic, partition } = place;
    const origin: KafkaOrigin = { collector, receivedMs, topic, partition, placeId: `${topic}/${partition}` };
    const arrivals: Arrival[] = [];
    const rejected: RejectedInput[] = [];
    let tombstones = 0;
    const reject = (index: number, reason: RejectReason, message: string, value: Buffer | null): void => {
      deps.countRejected(reason);
      // The engine tells bugs by how the reason begins.
      const where = `${place.topic}, partition ${place.partition}, offset ${records[index]!.offset}`;
      const text = message.startsWith("internal:") ? `${message} (${where})` : `${where}: ${message}`;
      rejected.push({ index, reason: text, sample: sampleOf(value) });
    };

    for (let index = 0; index < records.length; index++) {
      const record = records[index]!;
      const { value } = record;
      const unreadable = deps.unreadable.of(value);
      if (unreadable !== undefined) {
        if (unreadable !== reported)
          reject(index, "bad_encoding", `the batch from here on cannot be read: ${unreadable.reason}`, null);
        reported = unreadable;
        continue;
      }
      if (value === null) {
        tombstones++;
        continue;
      }
      const context = new KafkaContext(origin, record);
      const document = documentOf(value);
      const taken = document.ok ? intakeOf(document.value, context) : document;
      if (taken.ok) {
        for (let i = 0; i < taken.value.length; i++) arrivals.push(taken.value[i]!);
      } else reject(index, taken.error.reason, taken.error.message, value);
    }
    if (tombstones > 0) deps.onTombstones(tombstones);
    const source = `${collector}/${place.topic}/${place.partition}`;
    return { arrivals, rejected, source, receivedMs, traceparent: null };
  };
}

const sizeOf = ({ key, value }: KafkaRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

function sampleOf(value: Buffer | null): string {
  if (value === null) return "";
  // A byte that is no UTF-8 becomes three.
  const text = value.toString("utf8", 0, isUtf8(value) ? SAMPLE_BYTES : SAMPLE_BYTES / 3);
  return value.length <= SAMPLE_BYTES ? text : text.replace(/\uFFFD+$/, "");
}
