import type { Node } from "./node.ts";

/** The node and all below it, in the order of the pattern. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  switch (node.kind) {
    case "group":
    case "repeat":
      yield* walk(node.sub);
      break;
    case "concat":
    case "alternation":
      for (const sub of node.subs) yield* walk(sub);
      break;
  }
}
