/** The moves of the store in memory: into an outbox, out of it, among the dead, into the history and out. */
import type { StoreOptions } from "../component/store.ts";
import { byDue, type DeadRow, type MemoryContents, type Outbox, type Row } from "./memory-contents.ts";
import { sortedList } from "./sorted-list.ts";
import { historyBound } from "./space.ts";
import type { StoreDeps } from "./store-deps.ts";

export type MemoryRows = ReturnType<typeof memoryRows>;

export function memoryRows(
  contents: MemoryContents,
  options: StoreOptions,
  deps: Pick<StoreDeps, "logger" | "metrics">,
) {
  const { rows, byKey, outboxes, history, dead, deadByAge } = contents;
  const { logger } = deps;
  const dropped = deps.metrics?.counter("squall_store_dead_letters_dropped_total", "Dead letters dropped for space");

  const outboxOf = (executor: string): Outbox => {
    let outbox = outboxes.get(executor);
    if (!outbox) {
      outbox = { unsettled: new Map(), heads: sortedList(byDue), queues: new Map(), bytes: 0 };
      outboxes.set(executor, outbox);
    }
    return outbox;
  };
  const liveBytes = (): number => {
    let bytes = contents.deadBytes;
    for (const outbox of outboxes.values()) bytes += outbox.bytes;
    return bytes;
  };
  const isFirst = ({ id, delivery }: Row): boolean =>
    delivery.orderKey === null || outboxOf(delivery.executor).queues.get(delivery.orderKey)?.[0]?.id === id;

  function enqueue(row: Row): void {
    const outbox = outboxOf(row.delivery.executor);
    rows.set(row.id, row);
    byKey.set(row.keyHex, row);
    outbox.unsettled.set(row.id, row);
    outbox.bytes += row.bytes;
    if (row.delivery.orderKey === null) return outbox.heads.add(row);
    const queue = outbox.queues.get(row.delivery.orderKey);
    if (queue) return void queue.push(row);
    outbox.queues.set(row.delivery.orderKey, [row]);
    outbox.heads.add(row);
  }

  /** Takes a row out of its outbox and lets the next of its order key come forward. */
  function dequeue(row: Row): void {
    const outbox = outboxOf(row.delivery.executor);
    outbox.unsettled.delete(row.id);
    outbox.bytes -= row.bytes;
    outbox.heads.remove(row);
    if (row.delivery.orderKey === null) return;
    const queue = outbox.queues.get(row.delivery.orderKey) ?? [];
    const wasFirst = queue[0] === row;
    queue.splice(queue.indexOf(row), 1);
    if (queue[0] === undefined) outbox.queues.delete(row.delivery.orderKey);
    else if (wasFirst) outbox.heads.add(queue[0]);
  }

  function bury(letter: DeadRow): void {
    dead.set(letter.id, letter);
    deadByAge.add(letter);
    contents.deadBytes += letter.bytes;
  }

  function unbury(letter: DeadRow): void {
    dead.delete(letter.id);
    deadByAge.remove(letter);
    contents.deadBytes -= letter.bytes;
  }

  function die(row: Row, atMs: number, code: string, reason: string, response: string | null): void {
    dequeue(row);
    const { collector, executor, rulePath, eventId } = row.delivery;
    const payload = row.delivery.payload;
    const createdMs = row.committedMs;
    const letter = {
      kind: "delivery",
      collector,
      executor,
      rulePath,
      eventId,
      code,
      reason,
      payload,
      createdMs,
    } as const;
    bury({ id: row.id, row, letter, settledMs: atMs, bytes: row.bytes, attempts: row.attempts, response });
    Object.assign(row, { state: "dead", settledMs: atMs, payload: null, code, reason, response: null });
  }

  function forgetPayload(row: Row): void {
    history.remove(row);
    contents.historyBytes -= row.bytes;
    row.payload = null;
    row.response = null;
  }

  function keepBounds(): void {
    let count = 0;
    for (let oldest = deadByAge.items[0]; oldest && contents.deadBytes > options.deadLetterBytes; count++) {
      unbury(oldest);
      oldest = deadByAge.items[0];
    }
    if (count > 0) {
      dropped?.inc({}, count);
      logger.warn({ count, max_bytes: options.deadLetterBytes }, "oldest dead letters were dropped for space");
    }
    const bound = historyBound(options, liveBytes());
    for (let oldest = history.items[0]; oldest && contents.historyBytes > bound; oldest = history.items[0])
      forgetPayload(oldest);
  }

  return { outboxOf, liveBytes, isFirst, enqueue, dequeue, bury, unbury, die, forgetPayload, keepBounds };
}
