/** A small array kept in order; cheap at both ends, which is where stores work. */
export interface SortedList<T> {
  readonly items: readonly T[];
  add(item: T): void;
  remove(item: T): void;
}

/** `compare` must be a total order: equal means identical. */
export function sortedList<T>(compare: (a: T, b: T) => number): SortedList<T> {
  const items: T[] = [];
  const place = (item: T): number => {
    const last = items.at(-1);
    if (last === undefined || compare(item, last) > 0) return items.length;
    let low = 0;
    let high = items.length;
    // Steps that double find what is near the front among the few that were looked at just before.
    for (let step = 1; step < high; step *= 2) {
      if (compare(items[step]!, item) < 0) low = step + 1;
      else high = step;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(items[middle]!, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    items,
    add(item) {
      const at = place(item);
      if (at === items.length) items.push(item);
      else items.splice(at, 0, item);
    },
    remove(item) {
      let at = place(item);
      if (items[at] !== item) return;
      if (at * 2 > items.length) return void items.splice(at, 1);
      for (; at > 0; at--) items[at] = items[at - 1]!; // the few before it move, not the many behind it
      items.shift();
    },
  };
}
