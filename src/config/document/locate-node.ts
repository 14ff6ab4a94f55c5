/** Finds the node of a path in a parsed document. */
import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type Pair } from "yaml";
import type { DocumentPath } from "../../core/diagnostic.ts";

export interface Found {
  readonly node: Node | null;
  /** The node of its key, where it is a member of an object and was found. */
  readonly key: Node | null;
}

/** The deepest node along the path; what it lacks is told by the object that lacks it. */
export function nodeAt(root: Node | null, path: DocumentPath, targets: ReadonlyMap<Alias, Node>): Found {
  let found: Found = { node: root, key: null };
  for (const step of path) {
    const next = stepInto(isAlias(found.node) ? (targets.get(found.node) ?? null) : found.node, step);
    if (next === null) return { node: found.node, key: null };
    found = next;
  }
  return found;
}

function stepInto(node: Node | null, step: string | number): Found | null {
  if (isMap(node)) {
    // The last of equal keys is the one that counts; they are refused anyway.
    const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step)) as
      Pair<Node, Node | null> | undefined;
    return pair ? { node: pair.value ?? pair.key, key: pair.key } : null;
  }
  if (!isSeq(node)) return null;
  const item = node.items[Number(step)] as Node | undefined;
  return item ? { node: item, key: null } : null;
}

export function offsetOf({ node, key }: Found, what: "value" | "key"): number {
  const chosen = what === "key" ? (key ?? node) : node;
  return chosen?.range?.[0] ?? 0;
}
