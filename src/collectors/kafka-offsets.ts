/**
 * Offsets whose records are committed in the store, on their way to the broker. They are sent together at most once in a
 * while, because each sending costs a round trip and a record in a topic of the broker; what a kill loses of them comes
 * again and is known by its identity. Before partitions change hands and at a stop they are sent at once.
 */
import type { Clock } from "../component/clock.ts";
import type { KafkaPosition } from "../component/support/kafka-client.ts";

export interface Offsets {
  done(position: KafkaPosition): void;
  /** Sends what is not sent; never rejects. Resolves when nothing is under way. */
  flush(): Promise<void>;
  /** From now on nothing is sent by itself. */
  close(): void;
}

export interface OffsetsDeps {
  readonly commit: (positions: readonly KafkaPosition[]) => Promise<void>;
  readonly clock: Clock;
  readonly onCommitted: (positions: readonly KafkaPosition[]) => void;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 250;

export function createOffsets({ commit, clock, onCommitted, onFailed }: OffsetsDeps): Offsets {
  const waiting = new Map<string, KafkaPosition>();
  let lastMs = -Infinity;
  let cancel: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let closed = false;

  const send = async (): Promise<void> => {
    const positions = [...waiting.values()];
    waiting.clear();
    lastMs = clock.monotonicMs();
    try {
      await commit(positions);
      onCommitted(positions);
    } catch (error) {
      onFailed(error);
    }
  };

  const flush = async (): Promise<void> => {
    cancel?.();
    cancel = undefined;
    while (sending !== undefined) await sending;
    if (waiting.size === 0) return;
    sending = send().finally(() => (sending = undefined));
    await sending;
  };

  return {
    done(position) {
      waiting.set(`${position.topic}\n${position.partition}`, position);
      if (cancel !== undefined || closed) return;
      const sinceMs = clock.monotonicMs() - lastMs;
      if (sinceMs >= EVERY_MS) void flush();
      else
        cancel = clock.after(EVERY_MS - sinceMs, () => {
          cancel = undefined;
          void flush();
        });
    },
    flush,
    close() {
      closed = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
