/** The context of a Kafka record. All that can be told from the record is told only when a mapping or normalizer asks. */
import type { InputContext } from "../component/define-normalizer.ts";
import type { KafkaRecord } from "../component/support/kafka-client.ts";
import { traceIdOf } from "../core/event/traceparent.ts";

const MASK = "***";
const SECRET_HEADERS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);
/** Under which senders name their record; the second is what Squall's own kafka executor writes. */
const ID_HEADERS = ["idempotency-key", "squall-key"];
const NO_HEADERS: Readonly<Record<string, string>> = {};

/** What all records of one emission have in common. */
export interface KafkaOrigin {
  readonly collector: string;
  readonly receivedMs: number;
  readonly topic: string;
  readonly partition: number;
  /** Before the record's own part of its position id: topic and partition. */
  readonly placeId: string;
}

export class KafkaContext implements InputContext {
  readonly traceparent?: string;
  readonly inputId?: string;
  readonly #origin: KafkaOrigin;
  readonly #record: KafkaRecord;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(origin: KafkaOrigin, record: KafkaRecord) {
    this.#origin = origin;
    this.#record = record;
    // Most records have no headers, and looking for that costs less than making an object of them.
    for (const _ in record.headers) {
      const { traceparent } = this.headers;
      if (traceparent !== undefined && traceIdOf(traceparent) !== null) this.traceparent = traceparent;
      const named = ID_HEADERS.map((name) => this.headers[name]).find((value) => value);
      if (named !== undefined) this.inputId = named;
      break;
    }
  }

  get collector(): string {
    return this.#origin.collector;
  }

  get receivedMs(): number {
    return this.#origin.receivedMs;
  }

  get topic(): string {
    return this.#origin.topic;
  }

  get partition(): number {
    return this.#origin.partition;
  }

  get offset(): string {
    return this.#record.offset;
  }

  /** Name and time tell a topic that was deleted and made again from the old one. */
  get positionId(): string {
    const { offset, timestamp } = this.#record;
    return `${this.#origin.placeId}/${offset}/${timestamp}`;
  }

  get key(): string | undefined {
    return this.#record.key?.toString("utf8");
  }

  get timestampMs(): number | undefined {
    const timestampMs = Number(this.#record.timestamp);
    return timestampMs > 0 ? timestampMs : undefined;
  }

  get headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= plainHeaders(this.#record));
  }
}

function plainHeaders({ headers }: KafkaRecord): Readonly<Record<string, string>> {
  if (!headers) return NO_HEADERS;
  const plain = Object.entries(headers).flatMap(([name, value]): (readonly [string, string])[] => {
    const key = name.toLowerCase();
    if (value === undefined || value === null) return [];
    const text = Array.isArray(value) ? value.map((each) => each.toString()).join(", ") : value.toString();
    return [[key, SECRET_HEADERS.has(key) ? MASK : text]];
  });
  return Object.fromEntries(plain); // makes __proto__ an own key
}
