/** Writes units: the SQL side of `commit`. */
import { resolveKey } from "./delivery-key.ts";
import { groupReader, type GroupMessage, type GroupReply } from "./group-message.ts";
import { KIND } from "./schema.ts";
import type { Settler } from "./settle-rows.ts";
import { EVICTED, refusal, ROW_BYTES, shareBytes, spaceOf } from "./space.ts";
import type { WriterState } from "./writer-state.ts";

export type Committed = Pick<GroupReply, "duplicates" | "ids" | "renamed" | "refused">;

export interface Committer {
  /**
   * Inside a transaction. Leases are taken at once; `leased` tells which, for a rollback. `afterUnit` runs after each
   * unit, so that the next one finds the room that bounds make.
   */
  commit(message: GroupMessage, leased: number[], afterUnit: () => void): Committed;
}

/** Texts are bound as UTF-8. */
export const INSERT_DELIVERY = `INSERT INTO delivery (id, key, executor, state, head, due_ms, committed_ms, bytes, rule, collector, order_key,
    event_id, event_ms, received_ms, extra, payload)
   VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, CAST(? AS TEXT), CAST(? AS TEXT))`;

export function createCommitter(writer: WriterState, settler: Settler): Committer {
  const { db, names, leases, heads } = writer;
  const remember = db.prepare(
    `INSERT INTO seen (key, received_ms, expires_ms) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET received_ms = excluded.received_ms, expires_ms = excluded.expires_ms
     WHERE seen.expires_ms <= excluded.received_ms`,
  );
  const insert = db.prepare(INSERT_DELIVERY);
  const behind = db.prepare(
    "SELECT 1 FROM delivery WHERE executor = ? AND order_key = CAST(? AS TEXT) AND state < 2 LIMIT 1",
  );
  const payloadOf = db.prepare(
    `SELECT coalesce(d.payload, h.payload, l.payload) AS payload FROM delivery d
     LEFT JOIN history h ON h.id = d.id LEFT JOIN dead_letter l ON l.id = d.id WHERE d.key = ?`,
  );
  const bury = db.prepare(
    `INSERT INTO dead_letter (id, kind, settled_ms, bytes, executor, rule, collector, code, attempts, committed_ms,
      event_id, reason, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), 0, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT))`,
  );
  const keptPayload = (key: Uint8Array): string | null | undefined => {
    const row = payloadOf.get(key);
    // TEXT or null.
    return row && (row["payload"] as string | null);
  };

  /** Room for all of the group at once: then no unit needs a savepoint to go back to. */
  function roomy(bytes: number): boolean {
    if (writer.totals.liveBytes() + bytes > writer.options.maxBytes) return false;
    return Object.entries(writer.spaces).every(
      ([executor, space]) => space.onFull !== "refuse" || usedBy(executor) + bytes <= shareBytes(writer.options, space),
    );
  }
  const usedBy = (executor: string): number =>
    Object.hasOwn(writer.totals.now.executors, executor) ? writer.totals.of(executor).bytes : 0;

  function commit(message: GroupMessage, leased: number[], afterUnit: () => void): Committed {
    const { nowMs } = message;
    const read = groupReader(message);
    const duplicates = new Uint8Array(message.events);
    const ids = new Float64Array(message.deliveries);
    const renamed: (readonly [number, Uint8Array])[] = [];
    const refused: (readonly [number, string])[] = [];
    const guarded = !roomy(message.maxBytes);
    /** Of the unit at hand, by index of the executor among the names. */
    const budget = new Map<number, number>();
    const added = new Map<string, number>();
    /** Numbers in the database of the names of the message, as far as they were needed. */
    let numbers: (number | undefined)[] = [];
    const numberOf = (name: number): number => (numbers[name] ??= names.idOf(message.names[name]!));
    let event = 0;
    let delivery = 0;

    for (let unit = 0; unit < message.units; unit++) {
      const from = { event, delivery, leased: leased.length, renamed: renamed.length };
      const before = guarded ? writer.totals.copy() : null;
      if (before) db.exec("SAVEPOINT unit");
      const liveBefore = before ? writer.totals.liveBytes() : 0;
      if (added.size > 0) added.clear();
      if (budget.size > 0) budget.clear();
      const events = read.number();
      const deadLetters = read.number();
      for (let left = read.number(); left > 0; left--) budget.set(read.number(), read.number());
      for (let left = events; left > 0; left--) {
        const recorded = read.number() === 1;
        const known = recorded && remember.run(read.key(), read.number(), read.number()).changes === 0;
        if (known) duplicates[event] = 1;
        event++;
        for (let count = read.number(); count > 0; count--) {
          ids[delivery] = writeDelivery(known);
          delivery++;
        }
      }
      let addedDead = 0;
      for (let left = deadLetters; left > 0; left--) addedDead += writeDeadLetter(from.event);

      const used = (executor: string): number => before?.executors[executor]?.bytes ?? 0;
      const reason = before && refusal(writer.options, writer.spaces, liveBefore, used, added, addedDead);
      if (before && reason !== null) {
        db.exec("ROLLBACK TO unit");
        writer.totals.replace(before);
        names.reload();
        numbers = [];
        for (const id of leased.splice(from.leased)) leases.delete(id);
        renamed.length = from.renamed;
        duplicates.fill(0, from.event, event);
        ids.fill(0, from.delivery, delivery);
        refused.push([unit, reason]);
      }
      if (before) db.exec("RELEASE unit");
      if (reason === null) for (const executor of added.keys()) makeRoom(executor);
      afterUnit();
    }
    return { duplicates, ids, renamed, refused };

    function writeDelivery(skip: boolean): number {
      const key = read.key();
      const executorName = read.number();
      const orderKey = read.textOrNull();
      const ruleName = read.number();
      const collectorName = read.number();
      const eventId = read.text();
      const eventMs = read.number();
      const receivedMs = read.number();
      const extra = read.textOrNull();
      const payload = read.text();
      if (skip) return 0;
      const executor = message.names[executorName]!;
      const number = numberOf(executorName);
      const head = orderKey === null || behind.get(number, orderKey) === undefined;
      const id = writer.totals.now.nextId;
      const bytes = payload.length + ROW_BYTES;
      const rule = numberOf(ruleName);
      const from = numberOf(collectorName);
      const write = (under: Uint8Array): void =>
        void insert.run(
          id,
          under,
          number,
          head ? 1 : 0,
          nowMs,
          nowMs,
          bytes,
          rule,
          from,
          orderKey,
          eventId,
          eventMs,
          receivedMs,
          extra,
          payload,
        );
      try {
        write(key);
      } catch (error) {
        // Repeats that reach this far are rare; a clause for them would cost each insert a fifth of its time.
        if (!isUniqueViolation(error)) throw error;
        const resolved = resolveKey(key, new TextDecoder().decode(payload), keptPayload);
        if (!resolved) return 0;
        write(resolved.key);
        renamed.push([delivery, resolved.key]);
      }
      writer.totals.now.nextId = id + 1;
      writer.totals.add(executor, id, bytes);
      added.set(executor, (added.get(executor) ?? 0) + bytes);
      if (!head) return -id;
      heads.appeared(number, nowMs, id, true);
      const left = budget.get(executorName) ?? 0;
      if (left === 0) return -id;
      budget.set(executorName, left - 1);
      leases.add(id);
      leased.push(id);
      return id;
    }

    function writeDeadLetter(firstEvent: number): number {
      const kind = read.number();
      const collectorName = read.number();
      const executorName = read.number();
      const ruleName = read.number();
      const eventId = read.textOrNull();
      const code = read.text();
      const reason = read.text();
      const payload = read.text();
      const createdMs = read.number();
      const ofEvent = read.number();
      if (ofEvent >= 0 && duplicates[firstEvent + ofEvent] === 1) return 0;
      const collector = numberOf(collectorName);
      const bytes = payload.length + ROW_BYTES;
      const numberOrNull = (name: number): number | null => (name < 0 ? null : numberOf(name));
      bury.run(
        writer.totals.now.nextId++,
        kind,
        nowMs,
        bytes,
        numberOrNull(executorName),
        numberOrNull(ruleName),
        collector,
        code,
        createdMs,
        eventId,
        reason,
        payload,
      );
      writer.totals.now.deadBytes += bytes;
      if (kind === KIND.input) writer.totals.now.deadInputs++;
      else if (executorName >= 0) writer.totals.of(message.names[executorName]!).dead++;
      return bytes;
    }

    function makeRoom(executor: string): void {
      const space = spaceOf(writer.spaces, executor);
      if (space.onFull !== "dead_letter_oldest") return;
      settler.evict(executor, shareBytes(writer.options, space), nowMs, EVICTED.code, EVICTED.reason);
    }
  }

  return { commit };
}

/** SQLITE_CONSTRAINT_UNIQUE */
const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === 2067;
