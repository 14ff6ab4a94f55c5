/**
 * The list of a family: its members by name, in the order of the documentation. The code of a member is loaded when it
 * is asked for, so that a process starts without what its configuration does not name.
 */
export interface TypeList<T> {
  readonly names: readonly string[];
  /** Undefined: there is none of that name. */
  load(name: string): Promise<T | undefined>;
  /** In the order of the list. */
  loadAll(): Promise<readonly T[]>;
}

export function typeList<T>(loaders: Readonly<Record<string, () => Promise<T>>>): TypeList<T> {
  const byName = new Map(Object.entries(loaders));
  return {
    names: [...byName.keys()],
    load: async (name) => byName.get(name)?.(),
    loadAll: () => Promise.all([...byName.values()].map((load) => load())),
  };
}
