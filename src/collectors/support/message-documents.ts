/** Messages that arrived one by one, each a JSON text, as the documents of one batch. */
import { isUtf8 } from "node:buffer";
import { parseJson } from "../../core/json.ts";
import { err } from "../../core/result.ts";
import type { Documents } from "./decode-documents.ts";

export const messageDocuments = (messages: readonly Buffer[], jsonDepth: number): Documents => ({
  batch: true,
  count: messages.length,
  bytesOf: (index) => messages[index]!.length,
  parse(index) {
    const bytes = messages[index]!;
    if (!isUtf8(bytes)) return err({ reason: "bad_encoding", message: "not valid UTF-8" });
    const parsed = parseJson(withoutMark(bytes), jsonDepth);
    if (parsed.ok) return parsed;
    const { kind, message } = parsed.error;
    return err({ reason: kind === "depth" ? "too_deep" : "bad_json", message });
  },
  text: (index) => messages[index]!.toString("utf8"),
});

/** As text; a byte order mark is no part of JSON. */
const withoutMark = (bytes: Buffer): string =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.toString("utf8", 3) : bytes.toString("utf8");
