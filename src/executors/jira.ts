/**
 * Jira: opens one issue per key, comments on it, moves it. The issue is found again by a label made of the key, so that
 * neither a repeat nor the next delivery of the same alert opens a second one. Requests: support/jira-api.ts.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret, Secret } from "../component/secret.ts";
import type { JsonObject } from "../core/json.ts";
import { delivered, reject, type Outcome } from "../core/delivery/outcome.ts";
import { ok, type Result } from "../core/result.ts";
import { createHttpClient } from "./support/http-client.ts";
import { basicAuth, deliveryHeaders, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { createJiraSession, jiraLabel, jiraText, type JiraIssue, type JiraVersion } from "./support/jira-api.ts";
import { issueFields, newIssue } from "./support/jira-fields.ts";
import { readPayload } from "./support/read-payload.ts";
import { basic, createRedactor, credentialsOf, redactJson, redactValues } from "./support/redact.ts";

const optionsSchema = z
  .strictObject({
    url: httpUrl().describe("Address of Jira, `https://SITE.atlassian.net` or that of a Data Center."),
    api_version: z
      .literal([2, 3])
      .default(3)
      .describe("Version of the REST API: 3 for Jira Cloud, 2 for Jira Data Center and Server."),
    basic: basicAuth().optional().describe("Basic authentication; in the cloud the e-mail address and an API token."),
    bearer: secret().optional().describe("Personal access token of Data Center, or an OAuth 2 token."),
    tls: tlsOptions().optional().describe("Certificates."),
    fields: issueFields().default({}).describe("Fields of issues whose payloads do not give them, such as `project`."),
  })
  .refine((options) => !(options.basic && options.bearer), {
    error: "basic and bearer exclude each other",
    path: ["bearer"],
  });

const payloadSchema = z
  .strictObject({
    action: z
      .enum(["create", "comment", "transition"])
      .default("create")
      .describe(
        "`create`: open an issue unless one of the key is open; `comment`, `transition`: to the open issue of the key, if there is one.",
      ),
    dedup_key: z
      .string()
      .min(1)
      .optional()
      .describe(
        "What ties deliveries to one issue, such as the alert's id; a `create` without it has its delivery key.",
      ),
    fields: issueFields()
      .optional()
      .describe("Fields of a new issue as the REST API takes them, over those of the options."),
    comment: z
      .string()
      .min(1)
      .optional()
      .describe("Comment; with `create` it is added to an issue that is open already."),
    transition: z
      .string()
      .min(1)
      .optional()
      .describe("Name or id of the transition, or the name of the status it leads to, such as `Done`."),
  })
  .refine((payload) => payload.action === "create" || payload.dedup_key !== undefined, {
    error: "the dedup_key of the issue is needed",
    path: ["dedup_key"],
  })
  .refine((payload) => payload.action !== "comment" || payload.comment !== undefined, {
    error: "a comment is needed",
    path: ["comment"],
  })
  .refine((payload) => (payload.action === "transition") === (payload.transition !== undefined), {
    error: "a transition is needed with the action `transition`, and with that alone",
    path: ["transition"],
  });

type Options = z.output<typeof optionsSchema>;
type Payload = z.output<typeof payloadSchema>;

/** Issues opened lately, which Jira's search may not know yet. */
const RECENT_MS = 600_000;
const MAX_RECENT = 1000;
const HEADERS = { accept: "application/json", "content-type": "application/json" };
const KEY = "9f86d081884c7d659a2feaa0c55ad015";

export const jira = defineExecutor({
  type: "jira",
  summary: "Opens Jira issues, comments on them and moves them through their workflow.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  defaultOrder: (payload) => (typeof payload["dedup_key"] === "string" ? payload["dedup_key"] : null),
  defaults: { concurrency: 4 },
  guarantees:
    "At least once, in order per `dedup_key`. A repeat finds the open issue by its label `squall-…` and a comment by its property, and adds neither again; only when the answer to an opened issue is lost, or the process ends, within the seconds that Jira's search lags behind can a second one come of it. An issue that is done is left alone: the next `create` opens a new one.",
  examples: [
    {
      title: "Open an issue",
      options: {
        url: "https://example.atlassian.net",
        basic: { username: "squall@example.com", password: "change-me" },
        fields: { project: "OPS", issuetype: "Incident" },
      },
      payload: {
        dedup_key: "h1.eventlog",
        fields: { summary: "Print Spooler stopped on h1", description: "The service stopped.", priority: "High" },
        comment: "It stopped again.",
      },
      request: {
        method: "POST",
        url: "https://example.atlassian.net/rest/api/3/issue",
        headers: { ...HEADERS, authorization: "Basic ***", "idempotency-key": KEY },
        body: {
          fields: {
            project: { key: "OPS" },
            issuetype: { name: "Incident" },
            summary: "Print Spooler stopped on h1",
            description: {
              type: "doc",
              version: 1,
              content: [{ type: "paragraph", content: [{ type: "text", text: "The service stopped." }] }],
            },
            priority: { name: "High" },
            labels: ["squall-h1.eventlog"],
          },
        },
      },
    },
    {
      title: "Close it, in a Data Center",
      options: { url: "https://jira.example.com/jira", api_version: 2, bearer: "change-me" },
      payload: {
        action: "transition",
        dedup_key: "h1.eventlog",
        transition: "Done",
        comment: "The service runs again.",
      },
      request: {
        method: "POST",
        url: "https://jira.example.com/jira/rest/api/2/issue/{issue}/transitions",
        headers: { ...HEADERS, authorization: "Bearer ***", "idempotency-key": KEY },
        body: { transition: "Done", comment: "The service runs again." },
      },
    },
  ],
  create(options, deps) {
    const { clock } = deps;
    const authorization = authorizationOf(options);
    const redact = createRedactor([
      options.basic?.password,
      options.bearer,
      authorization && credentialsOf(authorization),
      ...(deps.secrets ?? []),
    ]);
    const client = createHttpClient({ tls: loadTls(options.tls), maxAnswerBytes: 1_048_576 }, { ...deps, redact });
    const { origin, pathname } = readHttpUrl(options.url)!;
    const version: JiraVersion = options.api_version;
    const base = `${pathname.replace(/\/+$/, "")}/rest/api/${version}`;
    const headersOf = (item: ExecutorItem): Record<string, string> => ({
      accept: "application/json",
      ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
      ...deliveryHeaders(item),
    });
    const recent = new Map<string, { readonly key: string; readonly atMs: number }>();
    const remember = (label: string, key: string): void => {
      recent.delete(label);
      recent.set(label, { key, atMs: clock.monotonicMs() });
      if (recent.size > MAX_RECENT) recent.delete(recent.keys().next().value!); // it is not empty
    };

    type Session = ReturnType<typeof createJiraSession>;
    const open = async (session: Session, label: string): Promise<Result<JiraIssue | undefined, Outcome>> => {
      const found = await session.find(label);
      if (!found.ok || found.value) return found;
      const own = recent.get(label);
      if (own === undefined || clock.monotonicMs() - own.atMs > RECENT_MS) return ok(undefined);
      const issue = await session.read(own.key);
      return issue.ok && issue.value?.done ? ok(undefined) : issue;
    };

    const carryOut = async (session: Session, payload: Payload, item: ExecutorItem): Promise<Outcome> => {
      const label = jiraLabel(payload.dedup_key ?? item.idempotencyKey);
      const made =
        payload.action === "create" ? newIssue(payload.fields, options.fields, { label, version }) : undefined;
      if (made && !made.ok) return made.error;
      const issue = await open(session, label);
      if (!issue.ok) return issue.error;
      if (issue.value === undefined) {
        if (!made) return delivered("there is no open issue of this dedup_key");
        const created = await session.create(made.value);
        if (!created.ok) return created.error;
        if (created.value !== undefined) remember(label, created.value);
        return delivered();
      }
      const { key, status } = issue.value;
      if (payload.comment !== undefined) {
        const added = await session.comment(key, payload.comment, item.idempotencyKey);
        if (!added.ok) return added.error;
      }
      if (payload.action === "create") return delivered(`the issue ${key} is open already`);
      return payload.transition === undefined ? delivered() : move(session, key, status, payload.transition);
    };

    return {
      async execute(item, { signal }) {
        const payload = readPayload(payloadSchema, item.payload);
        if (!payload.ok) return payload.error;
        const session = createJiraSession(
          { origin, base, version, client, context: { clock, redact } },
          headersOf(item),
          signal,
        );
        return carryOut(session, payload.value, item);
      },
      preview(item) {
        const read = readPayload(payloadSchema, item.payload);
        if (!read.ok) return { body: redactJson(item.payload, redact) };
        const { action, comment, transition, fields, dedup_key: key } = read.value;
        const made = newIssue(fields, options.fields, { label: jiraLabel(key ?? item.idempotencyKey), version });
        const [path, body]: readonly [string, JsonObject] =
          action === "create"
            ? ["/issue", made.ok ? { fields: made.value } : item.payload]
            : action === "comment"
              ? ["/issue/{issue}/comment", { body: jiraText(comment ?? "", version) }]
              : [
                  "/issue/{issue}/transitions",
                  { transition: transition ?? "", ...(comment === undefined ? {} : { comment }) },
                ];
        return {
          method: "POST",
          url: redact(origin + base + path),
          headers: redactValues({ ...headersOf(item), "content-type": "application/json" }, redact),
          body: redactJson(body, redact),
        };
      },
      close: () => client.close(),
    };
  },
});

function authorizationOf({ basic: login, bearer }: Options): Secret | undefined {
  if (login) return basic(login.username, login.password);
  return bearer && new Secret(`Bearer ${bearer.reveal()}`);
}

/** Workflows differ: what is asked for may be a transition's name or id, or the status that it leads to. */
async function move(
  session: ReturnType<typeof createJiraSession>,
  key: string,
  status: string,
  wanted: string,
): Promise<Outcome> {
  const there = await session.transitions(key);
  if (!there.ok) return there.error;
  const is = (text: string): boolean => text.toLowerCase() === wanted.toLowerCase();
  const found = there.value.find(({ id, name }) => id === wanted || is(name)) ?? there.value.find(({ to }) => is(to));
  if (found) {
    const moved = await session.transition(key, found.id);
    return moved.ok ? delivered() : moved.error;
  }
  if (is(status)) return delivered(`the issue ${key} is ${status} already`);
  const accepted = there.value.map(({ name }) => name).join(", ");
  return reject(
    `the issue ${key}, which is ${status}, has no transition ${JSON.stringify(wanted)}; accepted: ${accepted}`,
  );
}
