/**
 * Which ready deliveries go into the next request. Without batch settings: one. With them: as many as fit, at once when
 * it is full, else when the one longest ready has waited `linger`. Two of one order key only when the type is `ordered`.
 */
import type { DispatchSettings } from "../component/executor-plan.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import type { ReadyRun, ReadyRuns } from "./ready-runs.ts";

/** Deliveries of one run, in order. */
export interface BatchPart {
  readonly run: ReadyRun;
  readonly deliveries: readonly Delivery[];
}

export type Choice =
  | { readonly kind: "send"; readonly parts: readonly BatchPart[] }
  /** Milliseconds until the linger is over. */
  | { readonly kind: "linger"; readonly waitMs: number }
  | { readonly kind: "empty" };

export interface Batcher {
  /** Takes what it chooses out of the line; the parts' runs are advanced past it. */
  next(ready: ReadyRuns): Choice;
}

const EMPTY: Choice = { kind: "empty" };

export function createBatcher(
  batch: DispatchSettings["batch"],
  ordered: boolean,
  clock: { monotonicMs(): number },
): Batcher {
  if (batch === null) return { next: single };
  const { maxItems, maxBytes, lingerMs } = batch;
  const perRun = ordered ? maxItems : 1;
  return {
    next(ready) {
      const oldest = ready.at(0);
      if (!oldest) return EMPTY;
      const plan = fill(ready);
      const waitMs = plan.full ? 0 : oldest.sinceMs + lingerMs - clock.monotonicMs();
      if (waitMs > 0) return { kind: "linger", waitMs };
      const parts = plan.counts.map((count) => {
        const run = ready.shift()!; // the plan counts runs that are in line
        const deliveries = run.deliveries.slice(run.next, run.next + count);
        run.next += count;
        return { run, deliveries };
      });
      return { kind: "send", parts };
    },
  };

  /** How many of each run from the first on, and whether nothing more would fit. */
  function fill(ready: ReadyRuns): { readonly counts: readonly number[]; readonly full: boolean } {
    const counts: number[] = [];
    let items = 0;
    let bytes = 0;
    for (let place = 0; place < ready.length; place++) {
      const run = ready.at(place)!;
      let count = 0;
      for (let at = run.next; at < run.deliveries.length && count < perRun; at++) {
        const size = Buffer.byteLength(run.deliveries[at]!.payload);
        if (items === maxItems || (items > 0 && bytes + size > maxBytes)) {
          if (count > 0) counts.push(count);
          return { counts, full: true };
        }
        items++;
        bytes += size;
        count++;
      }
      counts.push(count);
      if (items === maxItems || bytes >= maxBytes) return { counts, full: true };
    }
    return { counts, full: false };
  }
}

function single(ready: ReadyRuns): Choice {
  const run = ready.shift();
  return run ? { kind: "send", parts: [{ run, deliveries: [run.deliveries[run.next++]!] }] } : EMPTY;
}
