/** What an error of kafkajs means: to whoever waits for Kafka to answer again, and in words an operator can act on. */
import { AppError } from "../app-error.ts";

export type KafkaFault =
  /** Nobody answers, or TLS does not come about: it may pass. */
  | "unreachable"
  /** Login or mechanism refused. */
  | "authentication"
  /** Allowed to log in, but not to do this. */
  | "authorization"
  | "unknown_topic"
  /** The broker refuses the message itself, and always will. */
  | "refused"
  /** Anything else, which may pass. */
  | "failed";

export interface KafkaFailure {
  readonly fault: KafkaFault;
  readonly message: string;
}

/** What kafkajs's errors carry beyond Error. */
interface KafkaError extends Error {
  readonly type?: string;
  readonly code?: unknown;
  readonly broker?: string;
}

const REFUSED: ReadonlySet<string> = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "INVALID_REQUIRED_ACKS",
  "POLICY_VIOLATION",
  "UNSUPPORTED_COMPRESSION_TYPE",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
]);
const TLS = /certificate|self.signed|\bssl\b|\btls\b|handshake|wrong version number|CERT_|ERR_SSL|ERR_TLS/i;

/** `brokers` are named where the error names none. */
export function readKafkaFailure(error: unknown, brokers: readonly string[]): KafkaFailure {
  const chain = causesOf(error);
  const from = (name: string): KafkaError | undefined => chain.find((each) => each.name === name);
  const text = chain.at(-1)?.message ?? String(error);
  const types = chain.flatMap(({ type }) => (typeof type === "string" ? [type] : []));
  const where = chain.find(({ broker }) => broker)?.broker ?? brokers.join(", ");

  const configured = chain.find((each) => each instanceof AppError);
  if (configured)
    return {
      fault: configured.code === "unauthorized" ? "authentication" : "unreachable",
      message: configured.message,
    };
  if (types.includes("UNSUPPORTED_SASL_MECHANISM"))
    return { fault: "authentication", message: `the broker does not offer the sasl mechanism: ${plain(text)}` };
  if (from("KafkaJSSASLAuthenticationError") || types.some((type) => type.endsWith("SASL_AUTHENTICATION_FAILED")))
    return { fault: "authentication", message: `the broker refused the login: ${plain(text)}` };
  const denied = types.find((type) => type.endsWith("AUTHORIZATION_FAILED"));
  if (denied !== undefined) return { fault: "authorization", message: `not allowed by the broker: ${plain(text)}` };
  if (types.includes("UNKNOWN_TOPIC_OR_PARTITION") || types.includes("UNKNOWN_TOPIC_ID"))
    return { fault: "unknown_topic", message: "the topic or partition is not known to the broker" };
  if (types.some((type) => REFUSED.has(type)))
    return { fault: "refused", message: `refused by the broker: ${plain(text)}` };
  if (TLS.test(text) || chain.some(({ code }) => typeof code === "string" && TLS.test(code)))
    return { fault: "unreachable", message: `TLS with ${where} failed: ${plain(text)}` };
  const connection = from("KafkaJSConnectionError") ?? from("KafkaJSConnectionClosedError");
  if (
    connection ||
    from("KafkaJSNoBrokerAvailableError") ||
    from("KafkaJSBrokerNotFound") ||
    from("KafkaJSRequestTimeoutError")
  )
    return { fault: "unreachable", message: `no answer from ${where}: ${plain(connection?.message ?? text)}` };
  return { fault: "failed", message: plain(text) };
}

/** The error and what it was caused by, outermost first. */
function causesOf(error: unknown): readonly KafkaError[] {
  const chain: KafkaError[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}

const plain = (message: string): string => {
  const line = message
    .replace(/\s+/g, " ")
    .replace(/^ ?Connection error: /, "")
    .trim()
    .replace(/\.$/, "");
  const cut = line.length > 300 ? `${line.slice(0, 300)}…` : line;
  return /^[A-Z][a-z]/.test(cut) ? cut.charAt(0).toLowerCase() + cut.slice(1) : cut;
};
