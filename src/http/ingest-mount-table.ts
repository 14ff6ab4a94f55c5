/** Path → handler, changeable at any time. The newest handler of a path serves it until it is taken down. */
import type { HttpHandler, HttpMount } from "../component/http-mount.ts";

export interface MountTable extends HttpMount {
  /** Exact paths win over prefixes, longer prefixes over shorter; percent-encoding makes no difference. */
  find(path: string): HttpHandler | undefined;
}

export function createMountTable(): MountTable {
  const exact = new Map<string, readonly HttpHandler[]>();
  const prefixes = new Map<string, readonly HttpHandler[]>();
  let longestFirst: readonly string[] = [];

  function find(path: string): HttpHandler | undefined {
    const handlers = exact.get(path);
    if (handlers) return handlers.at(-1);
    const plain = path.includes("%") ? decoded(path) : path;
    return exact.get(plain)?.at(-1) ?? byPrefix(plain);
  }

  function byPrefix(path: string): HttpHandler | undefined {
    for (const prefix of longestFirst)
      if (path.startsWith(prefix) || path === prefix.slice(0, -1)) return prefixes.get(prefix)?.at(-1);
    return undefined;
  }

  return {
    find,
    mount(path, handler) {
      const isPrefix = path.endsWith("/*");
      const table = isPrefix ? prefixes : exact;
      const key = isPrefix ? path.slice(0, -1) : path;
      // An entry of its own, so that taking it down cannot hit the same function mounted twice.
      const entry: HttpHandler = (request) => handler(request);
      table.set(key, [...(table.get(key) ?? []), entry]);
      longestFirst = byLength(prefixes);
      return () => {
        const left = (table.get(key) ?? []).filter((other) => other !== entry);
        if (left.length > 0) table.set(key, left);
        else table.delete(key);
        longestFirst = byLength(prefixes);
      };
    },
  };
}

const byLength = (prefixes: ReadonlyMap<string, unknown>): readonly string[] =>
  [...prefixes.keys()].sort((a, b) => b.length - a.length);

/** A malformed escape names no path. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
