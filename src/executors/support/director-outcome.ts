/**
 * An answer of the Icinga Director's REST API to the creation of an object → outcome.
 *
 * | answer | outcome |
 * |---|---|
 * | 2xx with JSON, 304 (unchanged) | delivered |
 * | 422 "Trying to recreate" (500 of older versions) | delivered: the object is there |
 * | 2xx without JSON: the login page of Icinga Web, which a wrong URL leads to | retry |
 * | any other | the table of http-outcome.ts |
 */
import { delivered, retry, type Outcome } from "../../core/delivery/outcome.ts";
import { isObject, member, parseJson } from "../../core/json.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import { outcomeOfStatus, responseText, statusText, withAnswer, type OutcomeContext } from "./http-outcome.ts";

export function directorOutcome(answer: HttpAnswer, context: OutcomeContext): Outcome {
  const { status, text, target } = answer;
  if ((status === 422 || status === 500) && text.includes("Trying to recreate"))
    return delivered("the object was there already");
  if (status === 304) return delivered("the object was there already");
  const general = outcomeOfStatus(answer, context);
  const body = parseJson(text);
  if (general.kind === "reject" || general.kind === "retry") {
    const said = body.ok && isObject(body.value) ? member(body.value, "error") : undefined;
    if (typeof said !== "string") return general;
    return { ...general, reason: withAnswer(general.reason, responseText(said, context.redact)) };
  }
  if (general.kind !== "delivered" || answer.truncated || body.ok) return general;
  const reason = `${target} answered ${statusText(status)} without the JSON of the Icinga Director`;
  return retry(reason, { response: responseText(text, context.redact) });
}
