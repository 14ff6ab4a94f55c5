/** Lists by number, densely; null where there is none. */
export function freezeLists(
  lists: ReadonlyMap<number, readonly number[]>,
  size: number,
): readonly (Int32Array | null)[] {
  return Array.from({ length: size }, (_, at) => {
    const list = lists.get(at);
    return list ? Int32Array.from(list) : null;
  });
}
