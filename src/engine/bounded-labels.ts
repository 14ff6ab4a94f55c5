/** The series of one instrument, one per combination of label values; beyond 1,000 values of a label the rest is `other`. */
export type Labels = Readonly<Record<string, string>>;

export interface BoundedLabels<S> {
  at(labels: Labels): S;
  remove(labels: Labels): void;
  list(): readonly { readonly labels: Labels; readonly state: S }[];
}

const MAX_VALUES = 1000;

export function boundedLabels<S>(names: readonly string[], make: () => S): BoundedLabels<S> {
  const series = new Map<string, { readonly labels: Labels; readonly state: S }>();
  const known = names.map(() => new Set<string>());
  const keyOf = (labels: Labels): string =>
    names.length === 1 ? labels[names[0]!]! : names.map((name) => labels[name]).join("\n");

  function bounded(labels: Labels): Labels {
    const result: Record<string, string> = {};
    for (const [at, name] of names.entries()) {
      const values = known[at]!;
      const value = labels[name]!;
      if (values.size < MAX_VALUES) values.add(value);
      result[name] = values.has(value) ? value : "other";
    }
    return result;
  }

  return {
    at(labels) {
      const found = series.get(keyOf(labels));
      if (found) return found.state;
      const within = bounded(labels);
      const key = keyOf(within);
      const other = series.get(key);
      if (other) return other.state;
      const made = { labels: within, state: make() };
      series.set(key, made);
      return made.state;
    },
    remove: (labels) => void series.delete(keyOf(labels)),
    list: () => [...series.values()],
  };
}
