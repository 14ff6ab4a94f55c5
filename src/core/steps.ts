/**
 * Work that can be cut: a generator that yields, between pieces far shorter than a millisecond, how much it has done since,
 * in units of about a microsecond.
 */
export type Steps<T> = Generator<number, T, void>;

/** Pieces are joined up to this many units, some milliseconds. */
const SLICE = 2_000;

export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Awaits `yieldNow` after every few milliseconds of work. */
export async function runStepsInSlices<T>(steps: Steps<T>, yieldNow: () => Promise<void>): Promise<T> {
  let units = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    units += step.value;
    if (units < SLICE) continue;
    units = 0;
    await yieldNow();
  }
}
