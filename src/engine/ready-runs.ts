/**
 * What an executor holds in memory, ready to be sent: runs of deliveries (store.ts), first come first served. Only the
 * first of a run may go; the run comes back to the end of the line when that one is settled for good, so that a busy
 * order key takes turns with the others.
 */
import type { Delivery } from "../core/delivery/delivery.ts";

export interface ReadyRun {
  /** In order; those before `next` are taken. */
  readonly deliveries: readonly Delivery[];
  next: number;
  /** Since when it is ready, monotonic. */
  sinceMs: number;
}

export interface ReadyRuns {
  /** Runs in line. */
  readonly length: number;
  /** Deliveries in line. */
  readonly items: number;
  /** The run at a place in line, 0 being the first. */
  at(place: number): ReadyRun | undefined;
  push(run: ReadyRun): void;
  /** Takes the first run out of the line. */
  shift(): ReadyRun | undefined;
  /** Takes out the deliveries that are told apart. */
  remove(which: (delivery: Delivery) => boolean): readonly Delivery[];
  /** Empties the line. */
  clear(): readonly Delivery[];
}

export const leftOf = (run: ReadyRun): readonly Delivery[] => run.deliveries.slice(run.next);

export function createReadyRuns(): ReadyRuns {
  let runs: ReadyRun[] = [];
  let first = 0;
  let items = 0;

  const forget = (): void => {
    if (first < 64 || first * 2 < runs.length) return;
    runs = runs.slice(first);
    first = 0;
  };

  return {
    get length() {
      return runs.length - first;
    },
    get items() {
      return items;
    },
    at: (place) => runs[first + place],
    push(run) {
      if (run.next >= run.deliveries.length) return;
      runs.push(run);
      items += run.deliveries.length - run.next;
    },
    shift() {
      const run = runs[first];
      if (!run) return undefined;
      first++;
      items -= run.deliveries.length - run.next;
      forget();
      return run;
    },
    remove(which) {
      const removed: Delivery[] = [];
      const kept: ReadyRun[] = [];
      for (const run of runs.slice(first)) {
        const rest: Delivery[] = [];
        for (const delivery of leftOf(run)) (which(delivery) ? removed : rest).push(delivery);
        if (rest.length > 0) kept.push({ deliveries: rest, next: 0, sinceMs: run.sinceMs });
      }
      runs = kept;
      first = 0;
      items -= removed.length;
      return removed;
    },
    clear() {
      const all = runs.slice(first).flatMap(leftOf);
      runs = [];
      first = 0;
      items = 0;
      return all;
    },
  };
}
