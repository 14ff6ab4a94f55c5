/** Messages that arrived one by one as the documents of one batch. */
import { isUtf8 } from "node:buffer";
import { parseJson, type Json } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BadDocument, Documents } from "./decode-documents.ts";

export interface Message {
  /** Of one that is too long its beginning. */
  readonly bytes: Buffer;
  /** Its length when it is over the bound, and so was not kept. */
  readonly tooLong?: number;
}

export type MessageDecoder = (bytes: Buffer) => Result<Json, BadDocument>;

export const messageDocuments = (messages: readonly Message[], decode: MessageDecoder): Documents => ({
  batch: true,
  count: messages.length,
  bytesOf: (index) => messages[index]!.bytes.length,
  parse(index) {
    const { bytes, tooLong } = messages[index]!;
    if (tooLong === undefined) return decode(bytes);
    return err({
      reason: "too_large",
      message: `a message of ${tooLong} bytes is over the limit; its beginning is kept`,
    });
  },
  text: (index) => messages[index]!.bytes.toString("utf8"),
});

/** Each message is a JSON text. */
export const jsonMessages =
  (jsonDepth: number): MessageDecoder =>
  (bytes) => {
    if (!isUtf8(bytes)) return err({ reason: "bad_encoding", message: "not valid UTF-8" });
    const parsed = parseJson(withoutMark(bytes), jsonDepth);
    if (parsed.ok) return parsed;
    const { kind, message } = parsed.error;
    return err({ reason: kind === "depth" ? "too_deep" : "bad_json", message });
  };

/** Each message is a text: UTF-8, or else Latin-1, which every byte is. */
export const textMessages: MessageDecoder = (bytes) =>
  ok(isUtf8(bytes) ? bytes.toString("utf8") : bytes.toString("latin1"));

/** As text; a byte order mark is no part of JSON. */
const withoutMark = (bytes: Buffer): string =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.toString("utf8", 3) : bytes.toString("utf8");
