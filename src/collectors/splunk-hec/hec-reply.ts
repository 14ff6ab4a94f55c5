/**
 * The answers of Splunk's HTTP Event Collector: `{text, code}`, and with an error in one event of several
 * `invalid-event-number`, from 0. Senders look at the HTTP status first: 400 is given up on, 503 is repeated.
 */
import type { HttpReply } from "../../component/http-mount.ts";
import type { Refusal } from "../support/refusal.ts";

const ANSWERS = {
  success: [200, 0, "Success"],
  tokenRequired: [401, 2, "Token is required"],
  invalidAuthorization: [401, 3, "Invalid authorization"],
  invalidToken: [403, 4, "Invalid token"],
  noData: [400, 5, "No data"],
  invalidFormat: [400, 6, "Invalid data format"],
  internal: [500, 8, "Internal server error"],
  busy: [503, 9, "Server is busy"],
  channelMissing: [400, 10, "Data channel is missing"],
  channelInvalid: [400, 11, "Invalid data channel"],
  eventRequired: [400, 12, "Event field is required"],
  eventBlank: [400, 13, "Event field cannot be blank"],
  acksDisabled: [400, 14, "ACK is disabled"],
  invalidFields: [400, 15, "Error in handling indexed fields"],
  queryToken: [400, 16, "Query string authorization is not enabled"],
  healthy: [200, 17, "HEC is healthy"],
  queuesFull: [503, 18, "HEC is unhealthy, queues are full"],
  shuttingDown: [503, 23, "Server is shutting down"],
  tooLarge: [413, 27, "Request entity too large"],
  unsupported: [415, 6, "Invalid data format"],
  notFound: [404, 404, "The requested URL was not found on this server."],
  wrongMethod: [405, 405, "Method Not Allowed"],
} as const satisfies Readonly<Record<string, readonly [number, number, string]>>;

export type HecAnswer = keyof typeof ANSWERS;

export function hecReply(answer: HecAnswer, more: Readonly<Record<string, number>> = {}): HttpReply {
  const [status, code, text] = ANSWERS[answer];
  const headers: Record<string, string> = { "content-type": "application/json; charset=UTF-8" };
  if (status === 503) headers["retry-after"] = "1";
  if (status === 401) headers["www-authenticate"] = 'Splunk realm="squall", Basic realm="squall"';
  return { status, headers, body: JSON.stringify({ text, code, ...more }) };
}

export function answerOfRefusal({ code, reason }: Refusal): HecAnswer {
  if (code === "too_large") return "tooLarge";
  if (code === "overloaded") return "busy";
  if (code === "shutting_down") return "shuttingDown";
  return reason === "unsupported_type" ? "unsupported" : "invalidFormat";
}
