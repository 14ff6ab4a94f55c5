/** Forgets what is old: identities, settled keys, delivered payloads. A step at a time, between group commits. */
import { historyBound } from "./space.ts";
import type { WriterState } from "./writer-state.ts";

export interface Retention {
  /** At most STEP_ROWS rows; returns whether there is more to do. */
  step(nowMs: number): boolean;
  /** Drops the oldest delivered payloads over the bound, at most MAX_DROPPED. */
  keepBound(): void;
}

/** About a millisecond, which a commit may have to wait. */
const STEP_ROWS = 100;
const MAX_DROPPED = 500;

export function createRetention(writer: WriterState): Retention {
  const { db, options } = writer;
  const forgetIdentities = db.prepare(
    "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?)",
  );
  const settled = db.prepare("SELECT id FROM delivery WHERE state >= 2 AND settled_ms <= ? LIMIT ?");
  settled.setReturnArrays(true);
  const forgetDelivery = db.prepare("DELETE FROM delivery WHERE id = ?");
  const forgetPayload = db.prepare("DELETE FROM history WHERE id = ? RETURNING bytes");
  const oldest = db.prepare("SELECT id, bytes FROM history ORDER BY id LIMIT 100");
  oldest.setReturnArrays(true);

  return {
    step(nowMs) {
      const identities = Number(forgetIdentities.run(nowMs, STEP_ROWS).changes);
      const left = STEP_ROWS - identities;
      const ids = settled.all(nowMs - options.retentionMs, left) as unknown as readonly (readonly [id: number])[];
      for (const [id] of ids) {
        const freed = forgetPayload.get(id);
        if (freed) writer.totals.now.historyBytes -= Number(freed["bytes"]);
        forgetDelivery.run(id);
      }
      return ids.length === left;
    },
    keepBound() {
      const bound = historyBound(options, writer.totals.liveBytes());
      let rows = 0;
      while (writer.totals.now.historyBytes > bound && rows < MAX_DROPPED) {
        const found = oldest.all() as unknown as readonly (readonly [id: number, bytes: number])[];
        if (found.length === 0) return;
        for (const [id, bytes] of found) {
          if (writer.totals.now.historyBytes <= bound) break;
          forgetPayload.get(id);
          writer.totals.now.historyBytes -= bytes;
          rows++;
        }
      }
    },
  };
}
