/**
 * Body → documents. A small body is parsed in one go; only when that fails, or the body is large, are the documents
 * first located (split-json.ts) and then parsed one by one as they are asked for, so that a bad one spoils only itself
 * and the event loop is never held for long.
 *
 * A JSON body that is neither one value nor an array is NDJSON when its first line is a whole value, else objects
 * written one after the other. What declares itself a form but begins like JSON is JSON (curl's default type).
 */
import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import type { RejectReason } from "../../component/define-collector.ts";
import {
  isArray,
  parseJson,
  printJson,
  setMember,
  type Json,
  type JsonError,
  type MutableJsonObject,
} from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BodyKind } from "./body-format.ts";
import { refusal, type Refusal } from "./refusal.ts";
import { createSplitter, isSpace, splitLines, type Spans, type SplitMode } from "./split-json.ts";

export interface Documents {
  /** The sender sent a list: bad ones among them are reported one by one, even if all are. */
  readonly batch: boolean;
  readonly count: number;
  /** Size of its text; 0 when it is already parsed. */
  bytesOf(index: number): number;
  parse(index: number): Result<Json, BadDocument>;
  text(index: number): string;
}

export interface BadDocument {
  readonly reason: RejectReason;
  readonly message: string;
}

export interface DecodeSettings {
  readonly split: boolean;
  readonly jsonDepth: number;
}

/** Parsed in one go up to here: about 3 ms. */
const DIRECT_BYTES = 256 * 1024;
/** A list taken apart at its borders may be larger: fewer than MAX_DOCUMENTS fit. */
const GUESSED_BYTES = 512 * 1024;
/** Above this a list is worth parsing by its elements: what is parsed and looked at at once is still in the cache. */
const CACHED_BYTES = 8 * 1024;
/** Scanned between two breaths of the event loop: about 5 ms. */
const STEP_BYTES = 2 * 1024 * 1024;
/** Decoding a form cannot be interrupted. */
const MAX_FORM_BYTES = 1024 * 1024;
/** Bounds what tiny documents cost beyond their bytes. */
const MAX_DOCUMENTS = 200_000;

/** At once if it can be; a promise costs more than decoding a small body. */
export function decodeDocuments(
  body: Buffer,
  kind: BodyKind,
  settings: DecodeSettings,
): Result<Documents, Refusal> | Promise<Result<Documents, Refusal>> {
  if (!isUtf8(body)) return err(refusal("bad_input", "bad_encoding", "the body is not valid UTF-8"));
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  let begin = 0;
  while (begin < bytes.length && isSpace(bytes[begin])) begin++;
  if (begin === bytes.length) return err(refusal("bad_input", "bad_json", "the body is empty"));
  const first = bytes[begin];
  if (kind === "text") return ok(single(utf8(bytes)));
  if (kind === "form" && first !== OPEN_BRACE && first !== OPEN_BRACKET) return form(bytes);
  if (kind === "lines") return lines(bytes, settings);

  const isList = first === OPEN_BRACKET && settings.split;
  if (isList && bytes.length > CACHED_BYTES && bytes.length <= GUESSED_BYTES) {
    const elements = elementsOf(bytes, begin, settings.jsonDepth);
    if (elements) return ok(list(elements));
  }
  if (bytes.length <= DIRECT_BYTES) {
    const whole = parseJson(utf8(bytes), isList ? settings.jsonDepth + 1 : settings.jsonDepth);
    if (whole.ok) return ok(isList && isArray(whole.value) ? list(whole.value) : single(whole.value));
    if (first === OPEN_BRACKET && !isList) return err(badBody(whole.error));
    return locate(bytes, isList, whole.error, settings);
  }
  return locate(bytes, isList, null, settings);
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** How senders write the border between two objects of an array. */
const BORDERS = ["},{", "}, {", "},\n{"].map((border) => Buffer.from(border));

/**
 * The elements of an array of objects, guessed: it is cut at border texts. When each piece is valid JSON by
 * itself the guess is right, because the grammar allows no other reading. Null when it does not work out, such as when
 * many elements hold arrays of objects themselves.
 */
function elementsOf(bytes: Buffer, open: number, jsonDepth: number): readonly Json[] | null {
  let close = bytes.length - 1;
  while (isSpace(bytes[close])) close--;
  const border = BORDERS.find((each) => bytes.includes(each));
  if (!border || bytes[close] !== CLOSE_BRACKET) return null;
  const elements: Json[] = [];
  let wrongCuts = 0;
  for (let at = open + 1, from = at; at < close;) {
    const found = bytes.indexOf(border, from);
    const end = found < 0 ? close : found + 1;
    const element = parseJson(bytes.toString("utf8", at, end), jsonDepth);
    if (element.ok) {
      elements.push(element.value);
      at = from = found < 0 ? close : found + border.length - 1;
    } else {
      // Cut inside the element, or the element is bad: the next border may be the right one, but not for ever.
      if (found < 0 || ++wrongCuts > MAX_WRONG_CUTS) return null;
      from = found + 1;
    }
  }
  return elements;
}

const MAX_WRONG_CUTS = 10;
const CLOSE_BRACKET = 0x5d;

/** `error`: of parsing the whole; null when that was not tried. */
async function locate(
  bytes: Buffer,
  isList: boolean,
  error: JsonError | null,
  settings: DecodeSettings,
): Promise<Result<Documents, Refusal>> {
  if (!isList && firstLineIsValue(bytes, settings)) return lines(bytes, settings);
  const mode: SplitMode = isList ? "array" : "values";
  const splitter = createSplitter(bytes, mode, MAX_DOCUMENTS);
  while (!splitter.step(STEP_BYTES)) await setImmediate();
  const { problem, spans } = splitter;
  if (isList)
    return problem === null
      ? ok(located(bytes, spans, settings.jsonDepth))
      : err(
          refusal(splitter.tooMany ? "too_large" : "bad_input", splitter.tooMany ? "too_large" : "bad_json", problem),
        );
  if (problem === null && spans.starts.length > 1) return ok(located(bytes, spans, settings.jsonDepth));
  if (splitter.tooMany) return err(refusal("too_large", "too_large", problem!));
  if (error) return err(badBody(error));
  // Checked before parsing, because parsing needs memory for every level.
  if (spans.depths.some((depth) => depth > settings.jsonDepth)) return err(badBody(tooDeep(settings.jsonDepth)));
  const whole = parseJson(utf8(bytes), settings.jsonDepth);
  return whole.ok ? ok(single(whole.value)) : err(badBody(whole.error));
}

function firstLineIsValue(bytes: Buffer, { jsonDepth }: DecodeSettings): boolean {
  const end = bytes.indexOf(0x0a);
  if (end <= 0 || end > DIRECT_BYTES) return false;
  let next = end;
  while (next < bytes.length && isSpace(bytes[next])) next++;
  return next < bytes.length && parseJson(utf8(bytes.subarray(0, end)), jsonDepth).ok;
}

function lines(bytes: Buffer, { jsonDepth }: DecodeSettings): Result<Documents, Refusal> {
  const spans = splitLines(bytes, MAX_DOCUMENTS);
  return typeof spans === "string"
    ? err(refusal("too_large", "too_large", spans))
    : ok(located(bytes, spans, jsonDepth));
}

function form(bytes: Buffer): Result<Documents, Refusal> {
  if (bytes.length > MAX_FORM_BYTES)
    return err(refusal("too_large", "too_large", `the form is over ${MAX_FORM_BYTES} bytes`));
  const fields = new Map<string, Json[]>();
  for (const [key, value] of new URLSearchParams(utf8(bytes).trim())) {
    const values = fields.get(key);
    if (values) values.push(value);
    else fields.set(key, [value]);
  }
  const document: MutableJsonObject = {};
  for (const [key, values] of fields) setMember(document, key, values.length === 1 ? values[0]! : values);
  return ok(single(document));
}

const single = (value: Json): Documents => ({ ...list([value]), batch: false });

const list = (values: readonly Json[]): Documents => ({
  batch: true,
  count: values.length,
  bytesOf: () => 0,
  parse: (index) => ok(values[index]!),
  text: (index) => printJson(values[index]!),
});

function located(bytes: Buffer, { starts, ends, depths }: Spans, jsonDepth: number): Documents {
  const text = (index: number): string => bytes.toString("utf8", starts[index]!, ends[index]!);
  return {
    batch: true,
    count: starts.length,
    bytesOf: (index) => ends[index]! - starts[index]!,
    parse(index) {
      if ((depths[index] ?? 0) > jsonDepth) return err(bad(tooDeep(jsonDepth)));
      const parsed = parseJson(text(index), jsonDepth);
      return parsed.ok ? parsed : err(bad(parsed.error));
    },
    text,
  };
}

const utf8 = (bytes: Buffer): string => bytes.toString("utf8");
const tooDeep = (limit: number): JsonError => ({ kind: "depth", message: `nested deeper than ${limit} levels` });
const bad = ({ kind, message }: JsonError): BadDocument => ({
  reason: kind === "depth" ? "too_deep" : "bad_json",
  message,
});
const badBody = (error: JsonError): Refusal => refusal("bad_input", bad(error).reason, error.message);
