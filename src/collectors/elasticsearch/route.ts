/** Method and path → what is asked. Names beginning with `_` are Elasticsearch's own, all others are indexes. */
import { err, ok, type Result } from "../../core/result.ts";
import type { Operation } from "./bulk-request.ts";

export type Route =
  | { readonly kind: "bulk"; readonly index: string | undefined }
  | { readonly kind: "document"; readonly op: Operation; readonly index: string; readonly id: string | undefined }
  /** Handshake, templates, policies, indexes. */
  | { readonly kind: "setup"; readonly segments: readonly string[] };

/** The error names the path that is malformed. */
export function routeOf(method: string, path: string, opType: string | null): Result<Route, string> {
  const segments: string[] = [];
  for (const part of path.split("/")) {
    if (part === "") continue;
    const plain = decoded(part);
    if (plain === null) return err(`the path holds a malformed escape: ${part.slice(0, 100)}`);
    segments.push(plain);
  }
  return ok(documentRoute(method, segments, opType === "create") ?? { kind: "setup", segments });
}

function documentRoute(method: string, segments: readonly string[], create: boolean): Route | undefined {
  const writes = method === "POST" || method === "PUT";
  const [first, second, third, fourth] = segments;
  if (first === undefined) return undefined;
  // The last part is the verb; before it `/<index>` and, of version 6 and earlier, `/<index>/<type>`.
  if (segments.at(-1) === "_bulk" && segments.length <= 3)
    return writes ? { kind: "bulk", index: segments.length === 1 ? undefined : first } : undefined;
  if (first.startsWith("_") || second === undefined) return undefined;
  const index = first;
  const indexOp: Operation = create ? "create" : "index";
  if (method === "DELETE" && third !== undefined && segments.length === 3 && isTypeName(second))
    return { kind: "document", op: "delete", index, id: third };
  if (!writes) return undefined;
  if (second === "_create" && third !== undefined) return { kind: "document", op: "create", index, id: third };
  if (second === "_update" && third !== undefined) return { kind: "document", op: "update", index, id: third };
  if (!isTypeName(second)) return undefined;
  if (third === undefined)
    return method === "POST" ? { kind: "document", op: indexOp, index, id: undefined } : undefined;
  if (fourth === undefined) return { kind: "document", op: indexOp, index, id: third };
  if (fourth === "_create") return { kind: "document", op: "create", index, id: third };
  return fourth === "_update" ? { kind: "document", op: "update", index, id: third } : undefined;
}

/** `_doc`, and the type names of version 6 and earlier. */
const isTypeName = (segment: string): boolean => segment === "_doc" || !segment.startsWith("_");

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // the caller reports it
  }
}
