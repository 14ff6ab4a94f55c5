import type { JsMsg } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";
import type { InputContext } from "../component/define-normalizer.ts";

interface Origin {
  readonly collector: string;
  readonly receivedMs: number;
  readonly message: Msg | JsMsg;
  /** Stream and sequence; undefined: nothing lasting. */
  readonly positionId: string | undefined;
}

/** What came with a NATS message; its `Nats-Msg-Id` is the publisher's own name of it. */
export function natsContext({ collector, receivedMs, message, positionId }: Origin): InputContext {
  const headers = headersOf(message);
  const { traceparent, "nats-msg-id": inputId } = headers;
  return {
    collector,
    receivedMs,
    topic: message.subject,
    headers,
    ...(positionId === undefined ? {} : { positionId }),
    ...(inputId === undefined ? {} : { inputId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Lower-case names; of several values the first. */
function headersOf({ headers }: Msg | JsMsg): Readonly<Record<string, string>> {
  if (headers === undefined) return NO_HEADERS;
  return Object.fromEntries(headers.keys().map((name) => [name.toLowerCase(), headers.get(name)]));
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
