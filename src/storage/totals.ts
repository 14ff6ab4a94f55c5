/**
 * Running totals, so that no decision about space and no metric ever counts rows. They are written to `meta` in the
 * transaction that changes them, hence always agree with the rows; `nextId` among them keeps ids from being used twice.
 */
import type { DatabaseSync } from "node:sqlite";

export interface ExecutorTotals {
  pending: number;
  waiting: number;
  dead: number;
  /** Of pending and waiting. */
  bytes: number;
  /** Nothing unsettled has a lower id: the first delivery after the outbox was last empty. */
  firstId: number;
}

export interface Totals {
  nextId: number;
  /** The latest commit time there ever was. */
  latestMs: number;
  executors: Record<string, ExecutorTotals>;
  deadInputs: number;
  deadBytes: number;
  historyBytes: number;
}

export interface TotalsKeeper {
  /** The object changes at `restore`; do not hold on to it. */
  readonly now: Totals;
  of(executor: string): ExecutorTotals;
  /** Counts a new pending delivery. */
  add(executor: string, id: number, bytes: number): void;
  /** Of pending, waiting and dead letters. */
  liveBytes(): number;
  save(): void;
  /** As they were saved last: after a rollback. */
  restore(): void;
  /** For a rollback to a savepoint. */
  copy(): Totals;
  replace(totals: Totals): void;
}

const EMPTY: Totals = { nextId: 1, latestMs: 0, executors: {}, deadInputs: 0, deadBytes: 0, historyBytes: 0 };

export function openTotals(db: DatabaseSync): TotalsKeeper {
  const read = db.prepare("SELECT value FROM meta WHERE name = 'totals'");
  const write = db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('totals', ?)");
  const load = (): Totals => {
    const text = read.get()?.["value"];
    // Written by `save` alone.
    return structuredClone(typeof text === "string" ? (JSON.parse(text) as Totals) : EMPTY);
  };
  let now = load();
  const keeper: TotalsKeeper = {
    get now() {
      return now;
    },
    of(executor) {
      if (!Object.hasOwn(now.executors, executor)) {
        const fresh = { pending: 0, waiting: 0, dead: 0, bytes: 0, firstId: 0 };
        // An executor may be called `__proto__`.
        Object.defineProperty(now.executors, executor, {
          value: fresh,
          enumerable: true,
          configurable: true,
          writable: true,
        });
        return fresh;
      }
      return now.executors[executor]!;
    },
    add(executor, id, bytes) {
      const totals = keeper.of(executor);
      if (totals.pending + totals.waiting === 0) totals.firstId = id;
      totals.pending++;
      totals.bytes += bytes;
    },
    liveBytes() {
      let bytes = now.deadBytes;
      for (const name in now.executors) bytes += now.executors[name]!.bytes;
      return bytes;
    },
    save() {
      write.run(JSON.stringify(now));
    },
    restore() {
      now = load();
    },
    copy: () => structuredClone(now),
    replace(totals) {
      now = totals;
    },
  };
  return keeper;
}
