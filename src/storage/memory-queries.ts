/** What can be asked of the store in memory. */
import type { DeliveryQuery, DeliveryRecord, Page, StoreStats } from "../component/store.ts";
import { deadRecordOf, recordOf, type MemoryContents } from "./memory-contents.ts";
import { PAGE_BYTES, pageLimit } from "./space.ts";

export function memoryQueries(contents: MemoryContents, liveBytes: () => number, freeBytes: () => number) {
  const { rows, outboxes, dead } = contents;

  function records(): DeliveryRecord[] {
    const list = [...rows.values()].filter((row) => row.state !== "dead").map(recordOf);
    return [...list, ...[...dead.values()].map(deadRecordOf)].sort((a, b) => b.id - a.id);
  }

  function listDeliveries(query: DeliveryQuery): Page<DeliveryRecord> {
    const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number(query.cursor);
    const matching = records().filter(
      (record) =>
        record.id < before &&
        (query.state === undefined || query.state === record.state) &&
        (query.executor === undefined || query.executor === record.executor) &&
        (query.rulePath === undefined || query.rulePath === record.rulePath) &&
        (query.code === undefined || query.code === record.code),
    );
    const items: DeliveryRecord[] = [];
    let bytes = 0;
    for (const record of matching.slice(0, pageLimit(query.limit))) {
      items.push(record);
      bytes += record.payload?.length ?? 0;
      if (bytes > PAGE_BYTES) break;
    }
    return { items, next: items.length < matching.length ? String(items.at(-1)?.id) : null };
  }

  function stats(): StoreStats {
    const executors: Record<string, { pending: number; waiting: number; dead: number; oldestMs: number | null }> = {};
    const of = (executor: string) => (executors[executor] ??= { pending: 0, waiting: 0, dead: 0, oldestMs: null });
    for (const [executor, { unsettled }] of outboxes)
      for (const row of unsettled.values()) {
        const counts = of(executor);
        if (row.state === "pending") counts.pending++;
        else counts.waiting++;
        counts.oldestMs ??= row.committedMs;
      }
    let deadInputs = 0;
    for (const { letter } of dead.values()) {
      if (letter.kind === "input") deadInputs++;
      else if (letter.executor !== null) of(letter.executor).dead++;
    }
    return {
      executors,
      deadInputs,
      sizeBytes: liveBytes() + contents.historyBytes,
      walBytes: 0,
      historyBytes: contents.historyBytes,
      deadLetterBytes: contents.deadBytes,
      freeBytes: freeBytes(),
    };
  }

  return { records, listDeliveries, stats };
}
