/**
 * The body of `_bulk`: an action line, and a document line after it unless the action is `delete`.
 *
 *     {"create":{"_index":"filebeat-7.17.29"}}
 *     {"@timestamp":"2026-11-21T09:45:14.915Z","message":"…"}
 *
 * As in Elasticsearch an action line that cannot be read refuses the whole request, because nobody knows what the lines
 * after it are; a document that cannot be read is the trouble of its item alone. More tolerant than Elasticsearch: the
 * last newline may be missing, lines may end in CRLF, blank lines before an action are passed over, and keys of the
 * action that mean nothing here (`_type`, `require_alias`, `routing`, `version` …) are let be.
 */
import { setImmediate } from "node:timers/promises";
import { isObject, member, parseJson, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";

export const OPERATIONS = ["create", "index", "update", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface ItemAction {
  readonly op: Operation;
  readonly index: string;
  readonly id: string | undefined;
  readonly pipeline: string | undefined;
}

export interface BulkItem extends ItemAction {
  /** Of the document's text in the body; both 0 for `delete`. */
  readonly start: number;
  readonly end: number;
}

export interface BulkDefaults {
  /** `/<index>/_bulk` */
  readonly index: string | undefined;
  /** `?pipeline=` */
  readonly pipeline: string | undefined;
}

/** Looked through between two breaths of the event loop. */
const STEP_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ACTION_DEPTH = 10;
/** Bounds what tiny documents cost beyond their bytes. */
const MAX_ITEMS = 200_000;

/** The error is Elasticsearch's reason for refusing the whole request. */
export async function readBulk(body: Buffer, defaults: BulkDefaults): Promise<Result<readonly BulkItem[], string>> {
  const items: BulkItem[] = [];
  const actions = createActionReader(body, defaults);
  let line = 0;
  let breathAt = STEP_BYTES;
  for (let at = startOf(body); at < body.length;) {
    line++;
    const end = endOfLine(body, at);
    const next = end + 1;
    if (isBlank(body, at, end)) {
      at = next;
      continue;
    }
    const action = actions(at, trimmed(body, at, end), line);
    if (!action.ok) return action;
    if (items.length === MAX_ITEMS) return err(`more than ${MAX_ITEMS} items`);
    if (action.value.op === "delete") {
      items.push({ ...action.value, start: 0, end: 0 });
      at = next;
      continue;
    }
    if (next >= body.length)
      return err(`the action of line [${line}] has no document after it: the request may have been cut off`);
    line++;
    const documentEnd = endOfLine(body, next);
    items.push({ ...action.value, start: next, end: trimmed(body, next, documentEnd) });
    at = documentEnd + 1;
    if (at > breathAt) {
      breathAt = at + STEP_BYTES;
      await setImmediate();
    }
  }
  return items.length === 0 ? err("request body is required") : ok(items);
}

/** Behind a byte order mark. */
const startOf = (body: Buffer): number => (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);

function endOfLine(body: Buffer, at: number): number {
  const found = body.indexOf(NEWLINE, at);
  return found < 0 ? body.length : found;
}

const trimmed = (body: Buffer, start: number, end: number): number =>
  end > start && body[end - 1] === RETURN ? end - 1 : end;

function isBlank(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (body[at] !== 0x20 && body[at] !== 0x09 && body[at] !== RETURN) return false;
  return true;
}

/** A Beat writes the same action before each of its documents: the last one is remembered with its bytes. */
function createActionReader(body: Buffer, defaults: BulkDefaults) {
  let lastStart = 0;
  let lastEnd = 0;
  let last: Result<ItemAction, string> | undefined;
  return (start: number, end: number, line: number): Result<ItemAction, string> => {
    const same = last?.ok && end - start === lastEnd - lastStart;
    if (same && body.compare(body, start, end, lastStart, lastEnd) === 0) return last!;
    last = readAction(body.toString("utf8", start, end), line, defaults);
    lastStart = start;
    lastEnd = end;
    return last;
  };
}

function readAction(text: string, line: number, defaults: BulkDefaults): Result<ItemAction, string> {
  const parsed = parseJson(text, ACTION_DEPTH);
  if (!parsed.ok) return err(`Malformed action/metadata line [${line}]: ${parsed.error.message}`);
  if (!isObject(parsed.value)) return err(`Malformed action/metadata line [${line}], expected an object`);
  const [key, ...more] = Object.keys(parsed.value);
  const op = OPERATIONS.find((each) => each === key);
  if (op === undefined || more.length > 0)
    return err(`Malformed action/metadata line [${line}], expected one of [create, delete, index, update]`);
  const meta = parsed.value[op]!;
  if (!isObject(meta)) return err(`Malformed action/metadata line [${line}], expected an object under [${op}]`);
  const index = textOf(meta, "_index") ?? defaults.index;
  if (index === undefined) return err(`Validation Failed: index is missing in line [${line}]`);
  return ok({
    op,
    index,
    id: textOf(meta, "_id"),
    pipeline: textOf(meta, "pipeline") ?? defaults.pipeline,
  });
}

/** Elasticsearch takes numbers for names too. */
function textOf(meta: JsonObject, key: string): string | undefined {
  const value = member(meta, key);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
