/** In how many places of the texts each two, three or four characters stand. */
export function countGrams(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const size of [2, 3, 4])
      for (let at = 0; at + size <= text.length; at++) {
        const gram = text.slice(at, at + size);
        counts.set(gram, (counts.get(gram) ?? 0) + 1);
      }
  return counts;
}
