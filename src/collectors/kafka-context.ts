/** The context of a Kafka record. Headers are made only when a mapping or normalizer asks. */
import type { InputContext } from "../component/define-normalizer.ts";
import type { KafkaRecord } from "../component/support/kafka-client.ts";
import { traceIdOf } from "../core/event/traceparent.ts";

const MASK = "***";
const SECRET_HEADERS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);
/** Under which senders name their record; the second is what Squall's own kafka executor writes. */
const ID_HEADERS = ["idempotency-key", "squall-key"];
const NO_HEADERS: Readonly<Record<string, string>> = {};

export class KafkaContext implements InputContext {
  readonly collector: string;
  readonly receivedMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly positionId: string;
  readonly key?: string;
  readonly timestampMs?: number;
  readonly traceparent?: string;
  readonly inputId?: string;
  readonly #record: KafkaRecord;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(
    from: {
      readonly collector: string;
      readonly receivedMs: number;
      readonly topic: string;
      readonly partition: number;
    },
    record: KafkaRecord,
  ) {
    const { topic, partition } = from;
    this.collector = from.collector;
    this.receivedMs = from.receivedMs;
    this.topic = topic;
    this.partition = partition;
    this.offset = record.offset;
    // Name and time tell a topic that was deleted and made again from the old one.
    this.positionId = `${topic}/${partition}/${record.offset}/${record.timestamp}`;
    this.#record = record;
    if (record.key !== null && record.key !== undefined) this.key = record.key.toString("utf8");
    const timestampMs = Number(record.timestamp);
    if (timestampMs > 0) this.timestampMs = timestampMs;
    // Most records have no headers, and looking for that costs less than making an object of them.
    for (const _ in record.headers) {
      const { traceparent } = this.headers;
      if (traceparent !== undefined && traceIdOf(traceparent) !== null) this.traceparent = traceparent;
      const named = ID_HEADERS.map((name) => this.headers[name]).find((value) => value);
      if (named !== undefined) this.inputId = named;
      break;
    }
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
