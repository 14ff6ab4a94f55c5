/** Executors, rule paths and collectors as numbers: short rows, short index entries. */
import type { DatabaseSync } from "node:sqlite";

export interface Names {
  /** Makes a number for a new text, inside the open transaction. */
  idOf(text: string): number;
  find(text: string): number | undefined;
  has(id: number): boolean;
  textOf(id: number): string;
  /** Reads the table again: after a rollback; for a reader, when it meets a number that is new to it. */
  reload(): void;
}

export function openNames(db: DatabaseSync): Names {
  const all = db.prepare("SELECT id, text FROM name");
  const ids = new Map<string, number>();
  const texts = new Map<number, string>();
  const reload = (): void => {
    ids.clear();
    texts.clear();
    // The columns are declared INTEGER PRIMARY KEY and TEXT NOT NULL.
    for (const row of all.all() as unknown as readonly { id: number; text: string }[]) {
      ids.set(row.text, row.id);
      texts.set(row.id, row.text);
    }
  };
  reload();
  return {
    idOf(text) {
      const known = ids.get(text);
      if (known !== undefined) return known;
      const id = Number(db.prepare("INSERT INTO name (text) VALUES (?)").run(text).lastInsertRowid);
      ids.set(text, id);
      texts.set(id, text);
      return id;
    },
    find: (text) => ids.get(text),
    has: (id) => texts.has(id),
    textOf(id) {
      const text = texts.get(id);
      if (text === undefined) throw new Error(`name ${id} is not in the store`);
      return text;
    },
    reload,
  };
}
