/**
 * When an executor's deliveries are taken from the store: never two `take` at once, never without reason, never more than
 * there is room for. The store may hold something to take after a commit said so, when a waiting one becomes due, when
 * deliveries were released, and when one with an order key was settled (its follower came first).
 */
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/logger.ts";
import type { Run, Store, Taken } from "../component/store.ts";

export interface RefillOptions {
  readonly executor: string;
  /** Deliveries of one order key taken at once. */
  readonly runLimit: () => number;
  /** How many more may be taken now; 0: not now, `run` is called again. */
  readonly room: () => number;
  /** How many with an order key are held: those may have followers in the store. */
  readonly orderedHeld: () => number;
  readonly onRuns: (runs: readonly Run[]) => void;
}

export interface RefillDeps {
  readonly store: Pick<Store, "take">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Refill {
  /** More is ready in the store than was taken: what is committed now must not overtake it. */
  readonly behind: boolean;
  /** Asked for and not there yet. */
  readonly taking: number;
  /** The store may hold something to take. */
  note(): void;
  /** A delivery with an order key was settled for good. */
  settledOrdered(): void;
  /** Something becomes due. */
  dueAt(ms: number): void;
  /** Takes if there is reason and room. */
  run(): void;
  stop(): void;
}

const RETRY_MS = 1000;

export function createRefill(options: RefillOptions, deps: RefillDeps): Refill {
  const { store, clock, logger } = deps;
  let reason = false;
  let behind = false;
  let taking = 0;
  /** The store may hold followers of what is held here. */
  let followers = true;
  let due: { readonly ms: number; readonly cancel: () => void } | null = null;
  let stopped = false;

  function note(): void {
    reason = true;
    followers = true;
  }

  function dueAt(ms: number): void {
    if (stopped || (due && due.ms <= ms)) return;
    due?.cancel();
    const cancel = clock.after(Math.max(0, ms - clock.nowMs()), () => {
      due = null;
      note();
      run();
    });
    due = { ms, cancel };
  }

  function run(): void {
    if (stopped || taking > 0 || !reason) return;
    const room = options.room();
    if (room <= 0) {
      // The fast path is closed until this take has had its turn, else it could keep the room filled for ever.
      behind = true;
      return;
    }
    reason = false;
    taking = room;
    const orderedHeld = options.orderedHeld();
    const runLimit = options.runLimit();
    store.take(options.executor, room, clock.nowMs(), runLimit).then(
      (taken) => {
        taking = 0;
        behind = taken.more;
        if (taken.more) reason = true;
        else if (!reason && orderedHeld === 0 && isAll(taken, room, runLimit)) followers = false;
        if (taken.nextDueMs !== null) dueAt(taken.nextDueMs);
        options.onRuns(taken.runs);
      },
      (error: unknown) => {
        taking = 0;
        if (stopped) return;
        logger.error({ err: error, executor: options.executor }, "taking deliveries from the store failed");
        dueAt(clock.nowMs() + RETRY_MS);
      },
    );
  }

  return {
    get behind() {
      return behind;
    },
    get taking() {
      return taking;
    },
    note,
    settledOrdered() {
      if (followers) reason = true;
    },
    dueAt,
    run,
    stop() {
      stopped = true;
      due?.cancel();
    },
  };
}

/** Nothing was cut off and nothing waits: the store holds no more of the executor. */
const isAll = ({ runs, nextDueMs }: Taken, limit: number, runLimit: number): boolean =>
  nextDueMs === null &&
  runs.every(({ length }) => length < runLimit) &&
  runs.reduce((sum, { length }) => sum + length, 0) < limit;
