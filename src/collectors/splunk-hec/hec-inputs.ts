/**
 * Bodies of the two endpoints → inputs: a document each, with what Splunk calls its metadata.
 *
 * `/event`: objects `{event, time, host, source, sourcetype, index, fields}`, one after the other, in lines or in an array.
 * `event` is the document, of any kind. What an object does not say of time, host, source, sourcetype and index it has
 * from the one before it; `fields` are its own alone.
 *
 * `/raw`: each line of text is a document, and the query says the metadata of all. What is JSON as a whole (a webhook
 * that posts one document, perhaps on many lines), or in a line, is taken as JSON.
 */
import { isUtf8 } from "node:buffer";
import { isArray, isObject, member, parseJson, type Json, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { decodeDocuments, type Documents } from "../support/decode-documents.ts";
import { isSpace, splitLines } from "../support/split-json.ts";
import type { HecAnswer } from "./hec-reply.ts";

export interface HecInput {
  readonly document: Json;
  /** Epoch milliseconds, if the sender said a time. */
  readonly timeMs: number | undefined;
  readonly metadata: JsonObject;
}

export interface HecInputs {
  readonly count: number;
  bytesOf(index: number): number;
  /** Each once, in order: an input may have things from the one before it. */
  read(index: number): Result<HecInput, BadInput>;
  /** For the dead letter of a bad one. */
  text(index: number): string;
}

export interface BadInput {
  readonly answer: HecAnswer;
  readonly reason: string;
}

const KEYS = ["host", "source", "sourcetype", "index"] as const;
const MAX_LINES = 200_000;
const bad = (answer: HecAnswer, reason: string) => err({ answer, reason });

export async function readEvents(body: Buffer, jsonDepth: number): Promise<Result<HecInputs, BadInput>> {
  if (isBlank(body)) return bad("noData", "the body is empty");
  // The envelope is a level of its own.
  const documents = await decodeDocuments(body, "json", { split: true, jsonDepth: jsonDepth + 1 });
  if (!documents.ok)
    return bad(documents.error.code === "too_large" ? "tooLarge" : "invalidFormat", documents.error.detail);
  const { count, bytesOf, text } = documents.value;
  const inherited: Inherited = { timeMs: undefined, metadata: {} };
  return count === 0
    ? bad("noData", "the body holds no event")
    : ok({ count, bytesOf, text, read: (index) => readEnvelope(documents.value, index, inherited) });
}

/** What events have from those before them. */
interface Inherited {
  timeMs: number | undefined;
  metadata: JsonObject;
}

function readEnvelope(documents: Documents, index: number, inherited: Inherited): Result<HecInput, BadInput> {
  const parsed = documents.parse(index);
  if (!parsed.ok) return bad("invalidFormat", parsed.error.message);
  const envelope = parsed.value;
  if (!isObject(envelope)) return bad("invalidFormat", "an event is an object with `event`");
  const timeMs = timeOf(member(envelope, "time"));
  if (timeMs === null) return bad("invalidFormat", "`time` is no number of seconds since 1970");
  inherited.timeMs = timeMs ?? inherited.timeMs;
  inherited.metadata = { ...inherited.metadata, ...named((key) => member(envelope, key)) };
  const document = member(envelope, "event");
  if (document === undefined) return bad("eventRequired", "`event` is missing");
  if (document === null || document === "") return bad("eventBlank", "`event` is blank");
  const fields = member(envelope, "fields");
  if (fields !== undefined && !isFlat(fields)) return bad("invalidFields", "`fields` is no flat object");
  return ok({
    document,
    timeMs: inherited.timeMs,
    metadata: { ...inherited.metadata, ...(fields === undefined ? {} : { fields }) },
  });
}

const isFlat = (fields: Json): boolean =>
  isObject(fields) &&
  Object.values(fields).every(
    (value) => !isObject(value) && !(isArray(value) && value.some((each) => !isScalar(each))),
  );
const isScalar = (value: Json): boolean => !isObject(value) && !isArray(value);

function named(valueOf: (key: string) => Json | undefined): JsonObject {
  const found: Record<string, string> = {};
  for (const key of KEYS) {
    const value = valueOf(key);
    if (typeof value === "string" && value !== "") found[key] = value;
  }
  return found;
}

/**
 * Seconds with a fraction, as a number or its text. Senders that mean milliseconds or less are told apart by size, as
 * Splunk does: the year 5138 in seconds. Undefined: not said; null: said in a way that is no time.
 */
function timeOf(value: Json | null | undefined): number | null | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" || typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number < 0) return null;
  const perMs = number < 1e11 ? 1e-3 : number < 1e14 ? 1 : number < 1e17 ? 1e3 : 1e6;
  return Math.round(number / perMs);
}

export async function readRaw(
  body: Buffer,
  query: URLSearchParams,
  settings: { readonly jsonDepth: number; readonly json: boolean },
): Promise<Result<HecInputs, BadInput>> {
  if (isBlank(body)) return bad("noData", "the body is empty");
  if (!isUtf8(body)) return bad("invalidFormat", "the body is not valid UTF-8");
  const timeMs = timeOf(query.get("time") ?? undefined);
  if (timeMs === null) return bad("invalidFormat", "`time` of the query is no number of seconds since 1970");
  const metadata = named((key) => query.get(key) ?? undefined);
  const input = (document: Json) => ok({ document, timeMs, metadata });

  if (settings.json && looksLikeJson(body)) {
    const documents = await decodeDocuments(body, "json", { split: true, jsonDepth: settings.jsonDepth });
    if (documents.ok && documents.value.count > 0) {
      const { count, bytesOf, text, parse } = documents.value;
      const read = (index: number) => {
        const parsed = parse(index);
        return input(parsed.ok ? parsed.value : text(index));
      };
      return ok({ count, bytesOf, text, read });
    }
  }
  const lines = splitLines(body, MAX_LINES);
  if (typeof lines === "string") return bad("tooLarge", lines);
  const { starts, ends } = lines;
  const text = (index: number): string => body.toString("utf8", starts[index]!, ends[index]!);
  return ok({
    count: starts.length,
    bytesOf: (index) => ends[index]! - starts[index]!,
    text,
    read(index) {
      const line = text(index);
      const parsed = settings.json && line.startsWith("{") ? parseJson(line, settings.jsonDepth) : null;
      return input(parsed?.ok ? parsed.value : line);
    },
  });
}

const isBlank = (body: Buffer): boolean => body.every(isSpace);

function looksLikeJson(body: Buffer): boolean {
  const first = body.find((byte) => !isSpace(byte));
  return first === 0x7b || first === 0x5b;
}
