/** One connection that carries messages without answers. Not reading is what slows its sender. */
import type { CollectorDeps } from "../../component/define-collector.ts";
import { createByteReader } from "./byte-reader.ts";
import type { MessageDecoder } from "./message-documents.ts";
import type { Framer } from "./message-framer.ts";
import { createMessageSink, MESSAGE_OVERHEAD_BYTES, type Sender } from "./message-sink.ts";
import { createPatience } from "./patience.ts";
import type { ReportFault } from "./report-fault.ts";
import type { StreamBudget } from "./stream-budget.ts";
import { StreamFault } from "./stream-fault.ts";
import type { Peer, Session } from "./stream-server.ts";

export interface MessageSessionOptions {
  readonly framer: Framer;
  readonly decode: MessageDecoder;
  /** What else is known of every message. */
  readonly context?: Sender;
  /** How long a sender may take over one message that it began. */
  readonly receiveTimeoutMs: number;
}

export function serveMessages(
  peer: Peer,
  budget: StreamBudget,
  { framer, decode, context, receiveTimeoutMs }: MessageSessionOptions,
  report: ReportFault,
  deps: CollectorDeps,
): Session {
  const { socket, remoteAddress, clientCertificate } = peer;
  const hold = budget.hold();
  const sink = createMessageSink(hold, decode, deps);
  const sender = { ...context, remoteAddress, ...(clientCertificate === null ? {} : { clientCertificate }) };
  let closed = false;
  let stopping = false;
  const patience = createPatience(receiveTimeoutMs, deps.clock, () =>
    close(new StreamFault("timeout", `a message was not complete within ${receiveTimeoutMs} ms`)),
  );
  const reader = createByteReader(socket, {
    acquire: hold.acquire,
    waiting: () => patience.waiting(framer.held > 0),
  });

  function close(fault: StreamFault): void {
    if (closed || stopping) return;
    closed = true;
    report(fault, remoteAddress);
    socket.destroy();
  }

  async function read(): Promise<void> {
    try {
      while (await reader.fill(1)) {
        const before = framer.held;
        const chunk = reader.takeAll();
        const messages = framer.push(chunk);
        const bytes = before + chunk.length - framer.held;
        if (messages.length > 0) {
          const overhead = messages.length * MESSAGE_OVERHEAD_BYTES;
          await hold.acquire(overhead);
          sink.add(messages, bytes + overhead, sender);
          patience.renew();
        } else hold.release(bytes);
        if (framer.fault) throw framer.fault;
        const room = sink.room();
        if (room) await room;
      }
      takeRest();
    } catch (error) {
      close(error instanceof StreamFault ? error : new StreamFault("aborted", (error as Error).message));
    }
  }

  /** A sender that ends may leave out the end of its last message; when we end, that one is cut. */
  function takeRest(): void {
    if (framer.held === 0 || closed) return;
    if (stopping) return deps.countRejected("aborted");
    const bytes = framer.held;
    const last = framer.end();
    if (last) sink.add([last], bytes, sender);
  }

  async function run(): Promise<void> {
    await read();
    hold.cancel();
    await sink.end();
    hold.close();
  }

  return {
    done: run(),
    stop() {
      stopping = true;
      reader.stop();
      hold.cancel();
      sink.hurry();
    },
  };
}
