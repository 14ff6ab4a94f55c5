/**
 * What the Jira executor needs of Jira's REST API: version 3 of Jira Cloud, version 2 of Data Center and Server.
 *
 * | | version 3 | version 2 |
 * |---|---|---|
 * | search | `POST /rest/api/3/search/jql` | `POST /rest/api/2/search` |
 * | long texts | documents (Atlassian Document Format) | texts with wiki markup |
 *
 * Everything else is the same: `POST issue` answers 201 with the key, `POST issue/KEY/comment` 201, `GET` and `POST
 * issue/KEY/transitions` 200 and 204. Errors are `{errorMessages: [text], errors: {field: text}}`. A refused login is
 * not always 401: the search of an anonymous user finds nothing with 200, so the headers that tell of it are read too.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and https://docs.atlassian.com/software/jira/docs/api/REST/
 */
import { createHash } from "node:crypto";
import { isArray, isObject, member, parseJson, printJson, type Json, type JsonObject } from "../../core/json.ts";
import { unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { HttpClient } from "./http-client.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import {
  outcomeOfStatus,
  responseText,
  retryAfter,
  statusText,
  withAnswer,
  type OutcomeContext,
} from "./http-outcome.ts";

export type JiraVersion = 2 | 3;

export interface JiraIssue {
  readonly key: string;
  /** Name of its status. */
  readonly status: string;
  readonly done: boolean;
}

export interface JiraTransition {
  readonly id: string;
  readonly name: string;
  /** Name of the status it leads to. */
  readonly to: string;
}

export interface JiraApiOptions {
  readonly origin: string;
  /** Path up to `/issue`. */
  readonly base: string;
  readonly version: JiraVersion;
  readonly client: HttpClient;
  readonly context: OutcomeContext;
}

/** The requests of one delivery. Errors are outcomes already. */
export function createJiraSession(
  { origin, base, version, client, context }: JiraApiOptions,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) {
  const ask = async (method: "GET" | "POST", path: string, body?: JsonObject): Promise<Result<Json, Outcome>> => {
    const sent = body === undefined ? null : printJson(body);
    const type = sent === null ? {} : { "content-type": "application/json" };
    const call = { method, origin, path: base + path, headers: { ...headers, ...type }, body: sent };
    const answer = await client.send(call, signal);
    if (!answer.ok) return answer;
    const outcome = outcomeOfJira(answer.value, context);
    if (outcome.kind !== "delivered") return err(outcome);
    const parsed = parseJson(answer.value.text);
    return ok(parsed.ok ? parsed.value : null);
  };

  return {
    /** The newest issue with the label that is not done. */
    async find(label: string): Promise<Result<JiraIssue | undefined, Outcome>> {
      const jql = `labels = "${label}" AND statusCategory != Done ORDER BY created DESC`;
      const path = version === 3 ? "/search/jql" : "/search";
      const found = await ask("POST", path, { jql, maxResults: 1, fields: ["status"] });
      if (!found.ok) return found;
      const [first] = listOf(found.value, "issues");
      return ok(first === undefined ? undefined : readIssue(first));
    },
    /** One issue by its key, as it is at this moment; undefined when it is gone. */
    async read(key: string): Promise<Result<JiraIssue | undefined, Outcome>> {
      const found = await ask("GET", `${issuePath(key)}?fields=status`);
      if (!found.ok) return found.error.kind === "reject" ? ok(undefined) : found;
      return ok(readIssue(found.value));
    },
    /** The key of the new issue. */
    async create(fields: JsonObject): Promise<Result<string | undefined, Outcome>> {
      const made = await ask("POST", "/issue", { fields });
      if (!made.ok) return made;
      const key = isObject(made.value) ? member(made.value, "key") : undefined;
      return ok(typeof key === "string" ? key : undefined);
    },
    /** Adds a comment once: one that already carries the delivery key is not added again. */
    async comment(key: string, text: string, deliveryKey: string): Promise<Result<void, Outcome>> {
      const path = `${issuePath(key)}/comment`;
      const there = await ask("GET", `${path}?orderBy=-created&maxResults=50&expand=properties`);
      if (!there.ok) return there;
      if (listOf(there.value, "comments").some((one) => deliveryOf(one) === deliveryKey)) return ok(undefined);
      const properties = [{ key: PROPERTY, value: { delivery: deliveryKey } }];
      const added = await ask("POST", path, { body: jiraText(text, version), properties });
      return added.ok ? ok(undefined) : added;
    },
    async transitions(key: string): Promise<Result<readonly JiraTransition[], Outcome>> {
      const there = await ask("GET", `${issuePath(key)}/transitions`);
      if (!there.ok) return there;
      return ok(listOf(there.value, "transitions").map(readTransition));
    },
    async transition(key: string, id: string): Promise<Result<void, Outcome>> {
      const done = await ask("POST", `${issuePath(key)}/transitions`, { transition: { id } });
      return done.ok ? ok(undefined) : done;
    },
  };
}

/** Property of comments that holds the delivery key. */
const PROPERTY = "squall";

const issuePath = (key: string): string => `/issue/${encodeURIComponent(key)}`;

/** A text as Jira takes it in a description or comment. */
export function jiraText(text: string, version: JiraVersion): Json {
  if (version === 2) return text;
  const paragraphs = text.split(/(?:\r?\n){2,}/).filter((paragraph) => paragraph.trim() !== "");
  return { type: "doc", version: 1, content: paragraphs.map(paragraphOf) };
}

const paragraphOf = (text: string): JsonObject => ({
  type: "paragraph",
  content: text
    .split(/\r?\n/)
    .flatMap((line, i) => [
      ...(i === 0 ? [] : [{ type: "hardBreak" }]),
      ...(line === "" ? [] : [{ type: "text", text: line }]),
    ]),
});

/** The label that issues of a key carry. Labels are compared without regard to case, hold no spaces and 255 characters. */
export const jiraLabel = (key: string): string =>
  `squall-${/^[a-z0-9_.-]{1,200}$/.test(key) ? key : createHash("sha256").update(key).digest("hex").slice(0, 32)}`;

const LOGIN_REFUSED = /AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/;

function outcomeOfJira(answer: HttpAnswer, context: OutcomeContext): Outcome {
  const general = outcomeOfStatus(answer, context);
  const { headers } = answer;
  const refused =
    LOGIN_REFUSED.test(String(headers["x-seraph-loginreason"] ?? "")) || "x-authentication-denied-reason" in headers;
  if (general.kind === "delivered" && !refused) return general;
  const said = withAnswer(`${answer.target} answered ${statusText(answer.status)}`, errorsOf(answer.text, context));
  if (refused) return unavailable(`${said}; the login was refused`, retryAfter(headers["retry-after"], context.clock));
  return { ...general, reason: said } as Outcome; // it is none of those without a reason
}

function errorsOf(text: string, { redact }: OutcomeContext): string {
  const body = parseJson(text);
  const whole = body.ok && isObject(body.value) ? body.value : {};
  const fields = member(whole, "errors");
  const messages = [
    ...listOf(whole, "errorMessages"),
    ...(isObject(fields) ? Object.entries(fields).map(([field, message]) => `${field}: ${String(message)}`) : []),
  ];
  return responseText(messages.filter((message) => typeof message === "string").join("; "), redact);
}

function listOf(value: Json, key: string): readonly Json[] {
  const list = isObject(value) ? member(value, key) : undefined;
  return isArray(list) ? list : [];
}

function readIssue(value: Json): JiraIssue | undefined {
  const key = textAt(value, "key");
  if (key === "") return undefined;
  return {
    key,
    status: textAt(value, "fields", "status", "name"),
    done: textAt(value, "fields", "status", "statusCategory", "key") === "done",
  };
}

const readTransition = (value: Json): JiraTransition => ({
  id: textAt(value, "id"),
  name: textAt(value, "name"),
  to: textAt(value, "to", "name"),
});

function deliveryOf(comment: Json): string | undefined {
  const own = listOf(comment, "properties").find((property) => textAt(property, "key") === PROPERTY);
  return own === undefined ? undefined : textAt(own, "value", "delivery");
}

/** The text at a path; empty when there is none. */
function textAt(value: Json, ...path: readonly string[]): string {
  let at: Json | undefined = value;
  for (const step of path) at = isObject(at) ? member(at, step) : undefined;
  return typeof at === "string" ? at : "";
}
