/** The trace id of a W3C `traceparent` header, or null when the header is absent or malformed (then it is ignored). */
export function traceIdOf(traceparent: string | null | undefined): string | null {
  const found = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/.exec(traceparent ?? "");
  if (!found || /^0+$/.test(found[1]!) || /^0+$/.test(found[2]!)) return null;
  return found[1]!;
}
