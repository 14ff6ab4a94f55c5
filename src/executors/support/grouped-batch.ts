/** A batch whose items do not all fit into one request: those of equal key go together, all groups at once. */
import type { ExecutorItem } from "../../component/define-executor.ts";
import type { Outcome } from "../../core/delivery/outcome.ts";
import type { Result } from "../../core/result.ts";

export interface Grouping<E> {
  /** What is to be sent of an item, or why it cannot be. */
  readonly read: (item: ExecutorItem) => Result<E, Outcome>;
  readonly keyOf: (entry: E, at: number) => string;
  /** One outcome per item, same length and order. */
  readonly send: (items: readonly ExecutorItem[], entries: readonly E[]) => Promise<readonly Outcome[]>;
}

/** One outcome per item, same length and order. */
export async function sendInGroups<E>(
  items: readonly ExecutorItem[],
  { read, keyOf, send }: Grouping<E>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = Array.from({ length: items.length });
  const groups = new Map<
    string,
    { readonly places: number[]; readonly items: ExecutorItem[]; readonly entries: E[] }
  >();
  for (let at = 0; at < items.length; at++) {
    const item = items[at]!;
    const entry = read(item);
    if (!entry.ok) {
      outcomes[at] = entry.error;
      continue;
    }
    const key = keyOf(entry.value, at);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { places: [], items: [], entries: [] }));
    group.places.push(at);
    group.items.push(item);
    group.entries.push(entry.value);
  }
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const part = await send(group.items, group.entries);
      for (let i = 0; i < group.places.length; i++) outcomes[group.places[i]!] = part[i]!;
    }),
  );
  return outcomes;
}
