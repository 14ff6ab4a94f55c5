/**
 * The `_bulk` protocol of Elasticsearch and OpenSearch.
 *
 * A request is lines of JSON, two per document: what to do, then the document; the last line ends in a newline too. The
 * answer is 200 even when every item failed: `items` has one entry per document in the order of the request, each with
 * one key (the operation) and below it a `status` of its own and perhaps an `error`.
 *
 * | answer | outcome |
 * |---|---|
 * | item 2xx | delivered |
 * | item 409 on `create` | delivered: the document of this id is there, sent by an attempt whose answer got lost |
 * | item 408, 425, 429, 5xx; 409 on `index` | retry |
 * | item 401 | unavailable |
 * | any other item status: 400 (mapping, parsing), 403, 404 | reject |
 * | whole request 413; whole request 400, which one bad document can cause | halved, until one document is left |
 * | any other whole request | the table of http-outcome.ts, for all |
 */
import { isArray, isObject, member, parseJson, printJson, type Json, type JsonObject } from "../../core/json.ts";
import { delivered, reject, retry, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import type { Result } from "../../core/result.ts";
import type { BodyBuffers } from "./body-buffers.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import {
  outcomeOfStatus,
  responseText,
  retryAfter,
  statusText,
  withAnswer,
  type OutcomeContext,
} from "./http-outcome.ts";

export interface BulkOperation {
  readonly opType: "create" | "index";
  readonly index: string;
  readonly id: string;
  readonly pipeline: string | undefined;
  /** JSON text of one line. */
  readonly document: string;
}

/** What to do with a document: the object of its first line. */
export const actionOf = ({ opType, index, id, pipeline }: BulkOperation): JsonObject => ({
  [opType]: { _index: index, _id: id, ...(pipeline === undefined ? {} : { pipeline }) },
});

/**
 * The request as bytes, document by document: one text of all of them would be copied whole before it is encoded, and
 * a single character beyond Latin-1 would make all of it slow to encode.
 */
export function bulkBody(operations: readonly BulkOperation[], buffers: BodyBuffers): Buffer {
  let length = 0;
  let longest = 0;
  for (const { index, id, document } of operations) {
    length += index.length + id.length + document.length + AROUND;
    longest = Math.max(longest, document.length);
  }
  // Enough for what is mostly ASCII.
  let body = buffers.take(length + longest * MAX_BYTES_OF_UNIT);
  let end = 0;
  const write = (text: string): void => {
    const needed = end + text.length * MAX_BYTES_OF_UNIT;
    if (needed > body.length) {
      const longer = buffers.take(needed + (body.length >> 1));
      body.copy(longer, 0, 0, end);
      buffers.giveBack(body);
      body = longer;
    }
    end += body.write(text, end);
  };
  let before = "";
  for (const operation of operations) {
    write(`${before}${actionText(operation)}\n`);
    write(operation.document);
    before = "\n";
  }
  write(before);
  return body.subarray(0, end);
}

/** Bytes of an action beside index and id, without a pipeline. */
const AROUND = 48;
/** In UTF-8, of one UTF-16 unit. */
const MAX_BYTES_OF_UNIT = 3;

/** The text of `actionOf`. */
const actionText = ({ opType, index, id, pipeline }: BulkOperation): string => {
  const more = pipeline === undefined ? "" : `,"pipeline":${printJson(pipeline)}`;
  return `{"${opType}":{"_index":${printJson(index)},"_id":${printJson(id)}${more}}}`;
};

/** Only what the outcomes need comes back. */
export const BULK_PATH = "/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store";

export interface BulkContext extends OutcomeContext {
  readonly buffers: BodyBuffers;
}

/** Sends operations, halving what the target refuses as a whole; one outcome per operation, in order. */
export async function sendBulk(
  operations: readonly BulkOperation[],
  send: (body: Buffer) => Promise<Result<HttpAnswer, Outcome>>,
  context: BulkContext,
): Promise<readonly Outcome[]> {
  const body = bulkBody(operations, context.buffers);
  const answer = await send(body);
  if (!answer.ok) return operations.map(() => answer.error);
  const { status } = answer.value;
  if ((status === 413 || status === 400) && operations.length > 1) {
    const middle = operations.length >> 1;
    const first = await sendBulk(operations.slice(0, middle), send, context);
    return [...first, ...(await sendBulk(operations.slice(middle), send, context))];
  }
  const whole = outcomeOfStatus(answer.value, context);
  if (whole.kind !== "delivered") return operations.map(() => whole);
  const outcomes = outcomesOfItems(answer.value, operations, context);
  if (outcomes === undefined) {
    const reason = `${answer.value.target} answered ${statusText(status)} without one result per document`;
    const outcome = retry(reason, { response: responseText(answer.value.text, context.redact) });
    return operations.map(() => outcome);
  }
  // Who has an answer to every document has read them all; after any other answer some may be on their way still.
  context.buffers.giveBack(body);
  return outcomes;
}

/** Undefined: the answer has not one result per document. */
function outcomesOfItems(
  answer: HttpAnswer,
  operations: readonly BulkOperation[],
  context: OutcomeContext,
): readonly Outcome[] | undefined {
  if (tellsCreated(answer.text, operations.length)) {
    const outcome = delivered();
    return operations.map(() => outcome);
  }
  const body = parseJson(answer.text);
  const items = body.ok && isObject(body.value) ? member(body.value, "items") : undefined;
  if (!isArray(items) || items.length !== operations.length) return undefined;
  return operations.map((operation, i) => outcomeOfItem(answer, operation, items[i]!, context));
}

/** Whether an answer is, letter by letter, that of a cluster which created so many documents: most are, and need no reading. */
const tellsCreated = (text: string, documents: number): boolean =>
  text === `{"errors":false,"items":[${CREATED.repeat(documents).slice(0, -1)}]}`;

const CREATED = '{"create":{"status":201}},';

function outcomeOfItem(answer: HttpAnswer, { opType }: BulkOperation, item: Json, context: OutcomeContext): Outcome {
  const result = isObject(item) ? Object.values(item)[0] : undefined;
  const found = isObject(result) ? result : {};
  const status = member(found, "status");
  if (typeof status === "number" && status >= 200 && status <= 299)
    return member(found, "failure_store") === "used"
      ? delivered("stored in the failure store of the data stream")
      : delivered();
  if (status === 409 && opType === "create") return delivered("a document of this id was there already");

  const error = member(found, "error");
  const response = responseText(printJson(found), context.redact);
  const code = typeof status === "number" ? status : 500;
  const reason = withAnswer(
    `${answer.target} answered ${statusText(code)} for the document`,
    responseText(errorText(error), context.redact),
  );
  if (code === 401) return unavailable(reason);
  if (code === 408 || code === 409 || code === 425 || code === 429 || code >= 500) {
    const retryAfterMs = retryAfter(answer.headers["retry-after"], context.clock);
    return retry(reason, { response, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
  return reject(reason, response);
}

/** `type: reason`, with the innermost cause, which names the field. */
function errorText(error: Json | undefined): string {
  if (!isObject(error)) return typeof error === "string" ? error : "";
  const own = [member(error, "type"), member(error, "reason")].filter((part) => typeof part === "string").join(": ");
  const cause = errorText(member(error, "caused_by"));
  return cause === "" ? own : `${own}; ${cause}`;
}
