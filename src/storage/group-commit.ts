/**
 * Group commit: everything that waits while one group is being written becomes the next group, so the cost of a disk sync
 * is shared by all who wait for it. One group is being written, one is filling. A group holds at most 2,000 rows or 4 MiB;
 * a unit is never split, and one that is larger by itself is a group of its own.
 *
 * A group is sent at the end of the turn of the event loop in which its first member came, so those who are woken by one
 * answer and come back at once share the next group. Where everybody waits for the same group, the writer has nothing to do
 * while this thread packs the next. Two halves, one written while the other is packed, cost a second sync of the disk
 * instead. So where packing takes longer than the disk, a group is cut in two, and one that has become about half as large
 * as the one being written goes ahead to the writer, who finds it when he is done; where the disk takes longer, the filling
 * group waits and grows. What a whole group cost the writer in waiting is forgotten by and by, so that it is measured again.
 */
import type { CommitResult, Settlement, StoreUnit } from "../component/store.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import { packGroup, type GroupMessage, type GroupReply } from "./group-message.ts";
import { ROW_BYTES, storeFull } from "./space.ts";

export interface GroupCommit {
  commit(unit: StoreUnit, lease: Readonly<Record<string, number>>): Promise<CommitResult>;
  settle(settlement: Settlement): Promise<void>;
  /** Resolves when nothing waits any more; tries once what the disk had no room for. */
  drain(): Promise<void>;
  /** Rejects all who wait. */
  fail(error: Error): void;
}

export interface GroupCommitDeps {
  send(message: GroupMessage): Promise<GroupReply>;
  nowMs(): number;
  after(delayMs: number, run: () => void): () => void;
  /** An error to reject new units with, or null. Asked before each group. */
  refuseUnits(): Error | null;
  /** Is this error of `send` about missing space? Then it has been noted, and `error` is for the units. */
  missingSpace(error: unknown): Error | null;
  onSent(reply: GroupReply): void;
  /** The end of the store: calls `fail`, and answers what to reject with. */
  onFailure(error: unknown): Error;
}

const MAX_ROWS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Smaller groups do not go ahead, and are not cut in two. */
const MIN_AHEAD = 64;
/** What a measurement is worth one answer later. */
const FORGET = 0.95;
/** Of the newest sync in the average. */
const NEWEST = 1 / 8;
/** Whole groups of which the shortest wait counts. */
const WAITS = 4;
/** How soon settlements are tried again that the disk had no room for. */
const RETRY_MS = 1_000;

interface WaitingUnit {
  readonly unit: StoreUnit;
  readonly lease: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly bytes: number;
  readonly answer: PromiseWithResolvers<CommitResult>;
}

interface WaitingSettlement {
  readonly settlement: Settlement;
  readonly answer: PromiseWithResolvers<void>;
}

interface Group {
  readonly nowMs: number;
  readonly units: readonly WaitingUnit[];
  readonly settlements: readonly WaitingSettlement[];
  /** Sent as soon as it could be after the answer before, with all that waited: it tells how long packing takes. */
  readonly whole: boolean;
}

export function createGroupCommit(deps: GroupCommitDeps): GroupCommit {
  let units: WaitingUnit[] = [];
  let settlements: WaitingSettlement[] = [];
  /** Sent and not answered: being written, and gone ahead. */
  let inFlight: Group[] = [];
  let scheduled = false;
  /** An answer has just come, and those whom it wakes are about to be back. */
  let prompt = false;
  /** How long the writer waits for a whole group; null before the first. */
  let packMs: number | null = null;
  /** The last few times that he did. */
  let waits: readonly number[] = [];
  /** How long the disk takes, on average of late; null before the first answer. */
  let syncMs: number | null = null;
  let failure: Error | null = null;
  let cancelRetry: (() => void) | null = null;
  let drained: PromiseWithResolvers<void> | null = null;

  const waiting = (): number => units.length + settlements.length;

  const packingIsSlower = (): boolean => packMs !== null && packMs > (syncMs ?? 0);

  /** One wait that was long for another reason (a collection, a core given to others) is no reason to cut groups. */
  function measured({ idleMs, syncMs: took }: GroupReply, whole: boolean): void {
    syncMs = syncMs === null ? took : syncMs + (took - syncMs) * NEWEST;
    if (whole) {
      waits = [...waits, idleMs].slice(-WAITS);
      packMs = Math.min(...waits);
    } else if (packMs !== null) {
      packMs *= FORGET;
    }
  }

  function maySend(): boolean {
    const [writing, ahead] = inFlight;
    if (failure) return false;
    if (!writing) return true;
    if (ahead) return false;
    if (waiting() >= MAX_ROWS) return true;
    const half = (writing.units.length + writing.settlements.length) / 2;
    return (packMs === null || packingIsSlower()) && waiting() >= Math.max(MIN_AHEAD, half);
  }

  function schedule(): void {
    if (scheduled || cancelRetry || !maySend()) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
      prompt = false;
    });
  }

  function pump(): void {
    while (maySend()) {
      const refused = units.length > 0 ? deps.refuseUnits() : null;
      if (refused) {
        for (const { answer } of units) answer.reject(refused);
        units = [];
      }
      if (waiting() === 0) {
        if (inFlight.length === 0) drained?.resolve();
        return;
      }
      const free = inFlight.length === 0;
      const cut = free && packingIsSlower() && units.length >= 2 * MIN_AHEAD;
      void write(nextGroup(cut, prompt && free && !cut));
    }
  }

  function nextGroup(cut: boolean, whole: boolean): Group {
    const settling = settlements.slice(0, MAX_ROWS / 2);
    const most = cut ? units.length / 2 : units.length;
    let rows = settling.length;
    let bytes = 0;
    let count = 0;
    for (; count < most; count++) {
      const next = units[count]!;
      rows += next.rows;
      bytes += next.bytes;
      if (rows > MAX_ROWS || bytes > MAX_BYTES) break;
    }
    // The first unit alone is over the limit, or does not fit beside the settlements: it goes by itself.
    if (count === 0 && units.length > 0) {
      const [first, ...others] = units;
      units = others;
      return { nowMs: deps.nowMs(), units: [first!], settlements: [], whole: false };
    }
    const group = { nowMs: deps.nowMs(), units: units.slice(0, count), settlements: settling, whole };
    units = units.slice(count);
    settlements = settlements.slice(settling.length);
    return group;
  }

  async function write(group: Group): Promise<void> {
    inFlight.push(group);
    try {
      const message = packGroup(
        group.nowMs,
        group.settlements.map(({ settlement }) => settlement),
        group.units,
      );
      const reply = await deps.send(message);
      measured(reply, group.whole);
      prompt = true;
      inFlight = inFlight.filter((each) => each !== group);
      deps.onSent(reply);
      resolveUnits(group, reply);
      for (const { answer } of group.settlements) answer.resolve();
    } catch (error) {
      const missing = deps.missingSpace(error);
      if (!missing) {
        const failed = deps.onFailure(error);
        for (const { answer } of [...group.units, ...group.settlements]) answer.reject(failed);
        return;
      }
      for (const { answer } of group.units) answer.reject(missing);
      inFlight = inFlight.filter((each) => each !== group);
      giveBack(group, missing);
    }
    schedule();
  }

  /** Settlements that found no space: without the units they may, with the ballast gone; else they are tried later. */
  function giveBack(group: Group, missing: Error): void {
    if (drained) {
      for (const { answer } of group.settlements) answer.reject(missing);
      return;
    }
    settlements = [...group.settlements, ...settlements];
    if (group.units.length > 0) return;
    cancelRetry = deps.after(RETRY_MS, () => {
      cancelRetry = null;
      schedule();
    });
  }

  function accept(): void {
    if (cancelRetry && units.length > 0) {
      cancelRetry();
      cancelRetry = null;
    }
    schedule();
  }

  return {
    commit(unit, lease) {
      if (failure) return Promise.reject(failure);
      const answer = Promise.withResolvers<CommitResult>();
      const { rows, bytes } = sizeOf(unit);
      units.push({ unit, lease, rows, bytes, answer });
      accept();
      return answer.promise;
    },
    settle(settlement) {
      if (failure) return Promise.reject(failure);
      const answer = Promise.withResolvers<void>();
      settlements.push({ settlement, answer });
      accept();
      return answer.promise;
    },
    drain() {
      if (failure) return Promise.resolve();
      drained ??= Promise.withResolvers<void>();
      cancelRetry?.();
      cancelRetry = null;
      schedule();
      return drained.promise;
    },
    fail(error) {
      failure = error;
      cancelRetry?.();
      for (const each of [...inFlight, { units, settlements }])
        for (const { answer } of [...each.units, ...each.settlements]) answer.reject(error);
      units = [];
      settlements = [];
      drained?.resolve();
    },
  };
}

function sizeOf(unit: StoreUnit): { readonly rows: number; readonly bytes: number } {
  let rows = unit.deadLetters.length;
  let characters = 0;
  for (const { identity, deliveries } of unit.events) {
    rows += deliveries.length + (identity ? 1 : 0);
    for (const { payload } of deliveries) characters += payload.length;
  }
  for (const { payload } of unit.deadLetters) characters += payload.length;
  return { rows, bytes: characters + rows * ROW_BYTES };
}

function resolveUnits({ nowMs, units }: Group, reply: GroupReply): void {
  const renamed = new Map(reply.renamed);
  const refused = new Map(reply.refused);
  let event = 0;
  let delivery = 0;
  for (let index = 0; index < units.length; index++) {
    const { unit, answer } = units[index]!;
    const duplicate: boolean[] = [];
    const leased: Delivery[] = [];
    const waiting: string[] = [];
    let collisions = 0;
    for (const { deliveries } of unit.events) {
      duplicate.push(reply.duplicates[event++] === 1);
      for (const fresh of deliveries) {
        const id = reply.ids[delivery]!;
        const key = renamed.size === 0 ? fresh.key : (renamed.get(delivery) ?? fresh.key);
        delivery++;
        if (id === 0) continue;
        if (key !== fresh.key) collisions++;
        if (id > 0) leased.push({ ...fresh, key, id, committedMs: nowMs, attempts: 0, giveUp: null });
        else if (!waiting.includes(fresh.executor)) waiting.push(fresh.executor);
      }
    }
    const reason = refused.get(index);
    if (reason === undefined) answer.resolve({ duplicate, leased, waiting, collisions });
    else answer.reject(storeFull(reason));
  }
}
