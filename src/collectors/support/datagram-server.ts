/**
 * A UDP listener. A datagram can neither be refused nor left for later: what comes while the memory bound is reached is
 * lost, as it would be in the system's own buffer, but counted.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { CollectorDeps } from "../../component/define-collector.ts";
import type { MessageDecoder } from "./message-documents.ts";
import { trimEnd } from "./message-framer.ts";
import { createMessageSink, MESSAGE_OVERHEAD_BYTES, type Sender } from "./message-sink.ts";
import type { StreamBudget } from "./stream-budget.ts";
import { listenError, type StreamServer } from "./stream-server.ts";

/** Asked of the system, which may give less: bursts wait there while a batch is worked on. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface DatagramServerOptions {
  readonly host: string;
  readonly port: number;
  readonly decode: MessageDecoder;
  readonly context?: Sender;
}

export function createDatagramServer(
  { host, port, decode, context }: DatagramServerOptions,
  budget: StreamBudget,
  deps: CollectorDeps,
): StreamServer {
  const hold = budget.hold();
  const sink = createMessageSink(hold, decode, deps);
  const address = host.replace(/^\[|\]$/g, "");
  let socket: Socket | undefined;

  function take(datagram: Buffer, remoteAddress: string): void {
    const bytes = trimEnd(datagram);
    if (bytes.length === 0) return;
    const cost = bytes.length + MESSAGE_OVERHEAD_BYTES;
    if (hold.tryAcquire(cost)) sink.add([{ bytes }], cost, { ...context, remoteAddress });
    else deps.countRejected("overloaded");
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        const opened = createSocket({ type: isIPv6(address) ? "udp6" : "udp4" });
        opened.once("error", (cause) => {
          opened.close();
          reject(listenError(cause, { host, port }, deps.id));
        });
        opened.bind({ address, port, exclusive: true }, () => {
          opened.removeAllListeners("error");
          opened.on("error", (error) => deps.logger.error({ err: error }, "the listener failed"));
          opened.on("message", (datagram, { address: from }) => take(datagram, from));
          growBuffer(opened, deps);
          socket = opened;
          deps.logger.info({ address, port: opened.address().port, transport: "udp" }, "listening");
          resolve();
        });
      }),
    async stop() {
      const open = socket;
      socket = undefined;
      if (open) await new Promise<void>((resolve) => open.close(() => resolve()));
      sink.hurry();
      await sink.end();
      hold.close();
    },
  };
}

function growBuffer(socket: Socket, { logger }: Pick<CollectorDeps, "logger">): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch (error) {
    logger.debug({ reason: (error as Error).message }, "the system grants no larger receive buffer");
  }
}
