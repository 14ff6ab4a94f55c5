/**
 * An answer of Icinga 2's `/v1/actions` → outcome.
 *
 * A body is `{"error": 404, "status": "No objects found."}` for the request as a whole, or `{"results": [{"code": 200.0,
 * "status": "…"}]}` with one entry per object; codes may be floats. The HTTP status is the common code, or the one that
 * is no success, or 500 when they are mixed: so the results are read one by one, and the worst decides.
 *
 * | answer | outcome |
 * |---|---|
 * | 401; 503 "shutting down" | unavailable |
 * | 404 "No objects found"; 500 with empty results (what 2.13 says for it) | retry for `missing_for`, then reject |
 * | 409 "newer check result", 409 "already acknowledged" | superseded |
 * | 200 "Ignoring passive check result …" | delivered, with a note |
 * | 5xx, 429; a 2xx without JSON | retry |
 * | any other 4xx: 400, 403, another 404 or 409 | reject |
 */
import { isArray, isObject, member, parseJson, type Json, type JsonObject } from "../../core/json.ts";
import { delivered, reject, retry, superseded, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import { outcomeOfStatus, responseText, statusText, withAnswer, type OutcomeContext } from "./http-outcome.ts";

export interface IcingaResult {
  readonly code: number;
  readonly status: string;
}

export function icinga2Outcome(answer: HttpAnswer, missingForMs: number, context: OutcomeContext): Outcome {
  const body = readBody(answer.text);
  if (answer.status === 401) return outcomeOfStatus(answer, context);
  if (body === undefined) return withoutJson(answer, context);
  const { results } = body;
  if (results === undefined || (results.length === 0 && answer.status >= 400))
    return outcomeOfWhole(answer, body.whole ?? { code: answer.status, status: "" }, missingForMs, context);
  return outcomeOfResults(answer, results, missingForMs, context);
}

function outcomeOfWhole(
  answer: HttpAnswer,
  { code, status }: IcingaResult,
  missingForMs: number,
  context: OutcomeContext,
): Outcome {
  const missing = (code === 404 && /no objects found/i.test(status)) || (code === 500 && status === "");
  if (missing) return objectMissing(answer, missingForMs, context);
  return outcomeOfResults(answer, [{ code, status }], missingForMs, context);
}

function outcomeOfResults(
  answer: HttpAnswer,
  results: readonly IcingaResult[],
  missingForMs: number,
  context: OutcomeContext,
): Outcome {
  const failed = results.filter(({ code }) => code < 200 || code > 299);
  if (failed.length === 0) return deliveredWithNote(results, context);
  const say = ({ code, status }: IcingaResult): string =>
    withAnswer(`${answer.target} answered ${statusText(code)}`, responseText(status, context.redact));
  const response = responseText(answer.text, context.redact);

  const stopping = failed.find(({ code, status }) => code === 401 || (code === 503 && /shutting down/i.test(status)));
  if (stopping) return unavailable(say(stopping));
  const passing = failed.find(({ code }) => code >= 500 || code === 429 || code === 408);
  if (passing) {
    const general = outcomeOfStatus({ ...answer, status: passing.code }, context);
    return general.kind === "retry" ? { ...general, reason: say(passing) } : retry(say(passing), { response });
  }
  const missing = failed.find(({ code, status }) => code === 404 && /no objects found/i.test(status));
  if (missing) return objectMissing(answer, missingForMs, context);
  const final = failed.find((result) => !isSuperseded(result));
  return final ? reject(say(final), response) : superseded(say(failed[0]!));
}

const isSuperseded = ({ code, status }: IcingaResult): boolean =>
  code === 409 && /newer check result already present|already acknowledged/i.test(status);

const objectMissing = (answer: HttpAnswer, forMs: number, context: OutcomeContext): Outcome =>
  retry(`${answer.target} has no object that the payload addresses`, {
    response: responseText(answer.text, context.redact),
    giveUp: { code: "object_missing", forMs },
  });

function deliveredWithNote(results: readonly IcingaResult[], { redact }: OutcomeContext): Outcome {
  const ignored = results.filter(({ status }) => /ignoring passive check result/i.test(status));
  if (ignored.length === 0) return delivered();
  const of = results.length === 1 ? "" : `${ignored.length} of ${results.length} results: `;
  return delivered(`${of}${responseText(ignored[0]!.status, redact)}`);
}

/** Icinga answers in JSON when asked to; a page of a proxy before it, or a wrong URL, is judged by its status. */
function withoutJson(answer: HttpAnswer, context: OutcomeContext): Outcome {
  const general = outcomeOfStatus(answer, context);
  if (general.kind !== "delivered") return general;
  const reason = `${answer.target} answered ${statusText(answer.status)} without the JSON of an Icinga 2 API`;
  return retry(reason, { response: responseText(answer.text, context.redact) });
}

interface Body {
  readonly whole?: IcingaResult;
  readonly results?: readonly IcingaResult[];
}

function readBody(text: string): Body | undefined {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return undefined;
  const results = member(parsed.value, "results");
  if (isArray(results)) return { results: results.map((result) => readResult(isObject(result) ? result : {}, "code")) };
  return member(parsed.value, "error") === undefined ? undefined : { whole: readResult(parsed.value, "error") };
}

function readResult(object: JsonObject, key: "code" | "error"): IcingaResult {
  const code: Json | undefined = member(object, key);
  const status = member(object, "status");
  // A result without a readable code is no success: 500 has it tried again.
  return { code: typeof code === "number" ? Math.trunc(code) : 500, status: typeof status === "string" ? status : "" };
}
