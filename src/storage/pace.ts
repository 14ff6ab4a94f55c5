/**
 * The pace of what is done beside the commits: pages one after the other, a backup, the retention. A commit needs a core
 * and the disk for a millisecond; what works without a pause makes it wait for both. So each piece of such work is followed
 * by a rest of REST times as long, which leaves it a quarter of its thread.
 */
import { statSync } from "node:fs";
import { JOURNAL_BYTES } from "./schema.ts";

export interface Pace {
  /** How long to rest before the next piece. */
  restMs(): number;
  begin(): void;
  end(): void;
}

const REST = 3;
const LONGEST_REST_MS = 100;
/** Commits go on if the last one was not longer ago. */
const RECENT_MS = 100;

/** `elapsedMs` is monotonic time; `mayRest` is asked when a rest is due. */
export function createPace(elapsedMs: () => number, mayRest: () => boolean = () => true): Pace {
  let beganMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    restMs() {
      const leftMs = untilMs - elapsedMs();
      return leftMs > 0 && mayRest() ? leftMs : 0;
    },
    begin() {
      beganMs = elapsedMs();
    },
    end() {
      const nowMs = elapsedMs();
      untilMs = nowMs + Math.min(LONGEST_REST_MS, (nowMs - beganMs) * REST);
    },
  };
}

/** Of work that is alone. */
export const noPace: Pace = { restMs: () => 0, begin: () => undefined, end: () => undefined };

/** Rests, holding up the thread, and begins. */
export function beginRested(pace: Pace): void {
  const ms = pace.restMs();
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  pace.begin();
}

export interface Journal {
  readonly bytes: number;
  readonly changedMs: number;
}

/**
 * Rests are for commits: where none come, none are taken. Who `holds` one state of the database keeps the journal from
 * being put back into the file, and hurries once it has outgrown the space that is kept for it.
 */
export function restsFor(journal: () => Journal, elapsedMs: () => number, holds: boolean): () => boolean {
  let changedMs = 0;
  let seenMs = Number.NEGATIVE_INFINITY;
  return () => {
    const { bytes, changedMs: nowChangedMs } = journal();
    if (nowChangedMs !== changedMs) seenMs = elapsedMs();
    changedMs = nowChangedMs;
    return elapsedMs() - seenMs <= RECENT_MS && !(holds && bytes > JOURNAL_BYTES);
  };
}

export function journalOf(path: string): Journal {
  const found = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return { bytes: found?.size ?? 0, changedMs: found?.mtimeMs ?? 0 };
}
