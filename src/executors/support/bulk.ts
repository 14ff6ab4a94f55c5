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
  readonly document: JsonObject;
}

export const actionOf = ({ opType, index, id, pipeline }: BulkOperation): JsonObject => ({
  [opType]: { _index: index, _id: id, ...(pipeline === undefined ? {} : { pipeline }) },
});

export const bulkBody = (operations: readonly BulkOperation[]): string => {
  let text = "";
  for (const operation of operations) text += `${printJson(actionOf(operation))}\n${printJson(operation.document)}\n`;
  return text;
};

/** Only what the outcomes need comes back. */
export const BULK_PATH = "/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store";

/** Sends operations, halving what the target refuses as a whole; one outcome per operation, in order. */
export async function sendBulk(
  operations: readonly BulkOperation[],
  send: (operations: readonly BulkOperation[]) => Promise<Result<HttpAnswer, Outcome>>,
  context: OutcomeContext,
): Promise<readonly Outcome[]> {
  const answer = await send(operations);
  if (!answer.ok) return operations.map(() => answer.error);
  const { status } = answer.value;
  if ((status === 413 || status === 400) && operations.length > 1) {
    const middle = operations.length >> 1;
    const first = await sendBulk(operations.slice(0, middle), send, context);
    return [...first, ...(await sendBulk(operations.slice(middle), send, context))];
  }
  const whole = outcomeOfStatus(answer.value, context);
  if (whole.kind !== "delivered") return operations.map(() => whole);
  return outcomesOfItems(answer.value, operations, context);
}

function outcomesOfItems(
  answer: HttpAnswer,
  operations: readonly BulkOperation[],
  context: OutcomeContext,
): readonly Outcome[] {
  const body = parseJson(answer.text);
  const items = body.ok && isObject(body.value) ? member(body.value, "items") : undefined;
  if (!isArray(items) || items.length !== operations.length) {
    const reason = `${answer.target} answered ${statusText(answer.status)} without one result per document`;
    const outcome = retry(reason, { response: responseText(answer.text, context.redact) });
    return operations.map(() => outcome);
  }
  return operations.map((operation, i) => outcomeOfItem(answer, operation, items[i]!, context));
}

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
