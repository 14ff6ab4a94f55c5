/**
 * Where messages go whose senders get no answer: they are kept until they are committed, and commits that fail are
 * tried again. While a batch is on its way to the store, what arrives meanwhile becomes the next one, so that batches
 * grow with the load.
 */
import type { CollectorDeps } from "../../component/define-collector.ts";
import type { InputContext } from "../../component/define-normalizer.ts";
import type { Arrival } from "../../core/event/event.ts";
import { emitUntilCommitted } from "./emit-until-committed.ts";
import { messageDocuments, type Message, type MessageDecoder } from "./message-documents.ts";
import type { StreamHold } from "./stream-budget.ts";
import { takeIn, type BatchContext } from "./take-in.ts";
import { waitMs } from "./wait-ms.ts";

export interface MessageSink {
  /** Messages of one sender; `bytes` of the budget are theirs until they are committed. */
  add(messages: readonly Message[], bytes: number, sender: Sender): void;
  /** Undefined when there is room for more, else resolves when there is. */
  room(): Promise<void> | undefined;
  /** No more will be added. Resolves when everything is committed, or given up. */
  end(): Promise<void>;
  /** The process stops: what cannot be committed in a short time is given up, and counted. */
  hurry(): void;
}

export type Sender = Omit<InputContext, "collector" | "receivedMs">;

interface Batch {
  readonly messages: Message[];
  readonly sender: Sender;
  bytes: number;
}

/** What a message costs beyond its bytes. */
export const MESSAGE_OVERHEAD_BYTES = 200;
/** Of one emission, unless a single chunk of messages is more; what waits above it slows the sender. */
const MAX_BATCH_BYTES = 1024 * 1024;
/** For commits that fail while the process stops; a part of `shutdown.deadline`. */
const STOP_MS = 5000;

export function createMessageSink(
  hold: StreamHold,
  decode: MessageDecoder,
  deps: Pick<CollectorDeps, "id" | "intake" | "emit" | "clock" | "logger" | "countRejected">,
): MessageSink {
  const givenUp = new AbortController();
  const settled = new AbortController();
  let waiting: Batch[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | null = null;
  let wake: (() => void) | null = null;

  async function run(): Promise<void> {
    hold.settling();
    try {
      while (waiting.length > 0) {
        const { batches, bytes } = takeSome();
        try {
          await commit(batches);
        } finally {
          hold.release(bytes);
        }
      }
    } finally {
      hold.settled();
      running = null;
    }
  }

  function takeSome(): { readonly batches: readonly Batch[]; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && bytes < MAX_BATCH_BYTES) bytes += waiting[count++]!.bytes;
    const batches = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= bytes;
    wake?.();
    wake = null;
    return { batches, bytes };
  }

  async function commit(batches: readonly Batch[]): Promise<void> {
    const receivedMs = deps.clock.nowMs();
    const arrivals: Arrival[] = [];
    const rejected = [];
    for (const { messages, sender } of batches) {
      const taken = await takeIn(messageDocuments(messages, decode), contextOf(sender, receivedMs), deps);
      if (!taken.ok) throw new Error(`a batch was refused as one: ${taken.error.detail}`); // batches never are
      for (const arrival of taken.value.arrivals) arrivals.push(arrival);
      for (const each of taken.value.rejected) rejected.push({ ...each, index: rejected.length });
    }
    if (arrivals.length === 0 && rejected.length === 0) return;
    const emission = { arrivals, rejected, source: deps.id, receivedMs, traceparent: null };
    if (await emitUntilCommitted(emission, deps, givenUp.signal)) return;
    deps.countRejected("unavailable", arrivals.length);
    deps.logger.error({ events: arrivals.length }, "events are lost: they could not be committed before the stop");
  }

  const contextOf = (sender: Sender, receivedMs: number): BatchContext => {
    const context = { ...sender, collector: deps.id, receivedMs };
    return { ...context, of: () => context };
  };

  return {
    add(messages, bytes, sender) {
      const last = waiting.at(-1);
      if (last && last.sender.remoteAddress === sender.remoteAddress && last.bytes < MAX_BATCH_BYTES) {
        for (const each of messages) last.messages.push(each);
        last.bytes += bytes;
      } else {
        waiting.push({ messages: [...messages], sender, bytes });
      }
      waitingBytes += bytes;
      running ??= run().catch((error: unknown) => deps.logger.error({ err: error }, "a batch met a bug"));
    },
    room: () => (waitingBytes < MAX_BATCH_BYTES ? undefined : new Promise((resolve) => (wake = resolve))),
    async end() {
      while (running) await running;
      settled.abort();
    },
    hurry() {
      void waitMs(deps.clock, STOP_MS, settled.signal).then(() => givenUp.abort());
    },
  };
}
