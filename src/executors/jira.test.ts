import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "../../test/kit/http-sink.ts";
import { jira } from "./jira.ts";
import { jiraLabel, jiraText } from "./support/jira-api.ts";

const fields = { project: "OPS", issuetype: "Incident", summary: "disk full" };
const create = { dedup_key: "h1", fields };
const isSearch = ({ path }: SinkRequest): boolean => /\/search(\/jql)?$/.test(path);

describeExecutor(jira, {
  options: (url) => ({ url, basic: { username: "squall@example.com", password: "p@ss/wörd" } }),
  payload: () => create,
  badPayloads: {
    "unknown action": { ...create, action: "delete" },
    "no fields": { dedup_key: "x" },
    "no summary": { fields: { project: "OPS", issuetype: "Bug" } },
    "no project": { fields: { issuetype: "Bug", summary: "x" } },
    "comment without key": { action: "comment", comment: "x" },
    "comment without text": { action: "comment", dedup_key: "x" },
    "transition without name": { action: "transition", dedup_key: "x" },
    "transition of a new issue": { ...create, transition: "Done" },
    "labels that are no list": { fields: { ...fields, labels: "a" } },
  },
  http: {
    secrets: ["p@ss/wörd"],
    answer: (status, request) =>
      status >= 300
        ? { status, body: '{"errorMessages":["no comment"],"errors":{}}' }
        : isSearch(request)
          ? { status: 200, body: '{"issues":[]}' }
          : { status: 201, body: '{"id":"10000","key":"OPS-24","self":"https://x/rest/api/3/issue/10000"}' },
  },
});

interface Comment {
  readonly body: unknown;
  readonly properties: readonly JsonObject[];
}
interface Issue {
  readonly key: string;
  readonly fields: JsonObject & { readonly labels: readonly string[] };
  readonly comments: Comment[];
  status: string;
}
const STATUSES = { "To Do": "new", "In Progress": "indeterminate", Done: "done" } as const;
const TRANSITIONS = [
  { id: "11", name: "Start work", to: { name: "In Progress" } },
  { id: "31", name: "Close", to: { name: "Done" } },
];

/** As much of Jira as the executor asks: issues, their comments with properties, a workflow, a search that may lag. */
function fakeJira() {
  const issues: Issue[] = [];
  let searchable = true;
  const shown = ({ key, status }: Issue): JsonObject => ({
    key,
    fields: { status: { name: status, statusCategory: { key: STATUSES[status as keyof typeof STATUSES] } } },
  });
  const json = (status: number, body: unknown): SinkAnswer => ({ status, body: JSON.stringify(body) });
  const respond = (request: SinkRequest): SinkAnswer => {
    const body = request.body === "" ? {} : (JSON.parse(request.body) as Record<string, never>);
    const [, resource, key, part] = /\/rest\/api\/[23]\/(\w+)\/?([^/?]*)\/?(\w*)/.exec(request.path)!;
    if (resource === "search") {
      const [, label] = /^labels = "([^"]*)" AND statusCategory != Done ORDER BY created DESC$/.exec(body["jql"]!)!;
      const open = issues.filter(({ fields: { labels }, status }) => labels.includes(label!) && status !== "Done");
      return json(200, { issues: searchable ? open.slice(-1).map(shown) : [] });
    }
    if (key === "") {
      issues.push({ key: `OPS-${issues.length + 1}`, fields: body["fields"]!, comments: [], status: "To Do" });
      return json(201, { id: "1", key: issues.at(-1)!.key });
    }
    const issue = issues.find((one) => one.key === key);
    if (!issue) return json(404, { errorMessages: ["Issue does not exist or you do not have permission to see it."] });
    const asked = `${request.method} ${part}`;
    if (asked === "GET ") return json(200, shown(issue));
    if (asked === "GET comment") return json(200, { comments: issue.comments });
    if (asked === "GET transitions") return json(200, { transitions: TRANSITIONS });
    if (asked === "POST comment") {
      issue.comments.push(body as unknown as Comment);
      return json(201, { id: "1" });
    }
    const { id } = body["transition"]! as { id: string };
    issue.status = TRANSITIONS.find((one) => one.id === id)!.to.name;
    return { status: 204 };
  };
  return {
    issues,
    respond,
    /** Whether the search knows what happened. */
    search(knows: boolean) {
      searchable = knows;
    },
  };
}

describe("against a Jira", () => {
  let sink: HttpSink;
  let fake: ReturnType<typeof fakeJira>;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());
  beforeEach(() => {
    fake = fakeJira();
    sink.respond(fake.respond);
  });
  const made = (options: object = {}) => createTestExecutor(jira, { url: sink.url, api_version: 2, ...options });
  const pathsSince = (from: number): readonly string[] =>
    sink.requests.slice(from).map(({ method, path }) => `${method} ${path.replace(/^.*\/rest\/api/, "")}`);

  test("an issue is opened once, with its label; a repeat finds it", async () => {
    const { run, executor } = made();
    const from = sink.requests.length;
    expect(await run(create)).toEqual({ kind: "delivered" });
    expect(await run(create)).toEqual({ kind: "delivered", note: "the issue OPS-1 is open already" });
    expect(await run({ fields })).toEqual({ kind: "delivered" });
    expect(await run({ fields })).toMatchObject({ kind: "delivered", note: expect.stringContaining("OPS-2") });
    expect(fake.issues.map(({ fields: { labels } }) => labels)).toEqual([["squall-h1"], [`squall-${EXAMPLE_KEY}`]]);
    expect(pathsSince(from).slice(0, 3)).toEqual(["POST /2/search", "POST /2/issue", "POST /2/search"]);
    await executor.close?.();
  });

  test("a repeat finds the issue while the search does not know it yet, and another executor opens its own", async () => {
    const { run, executor, clock } = made();
    await run(create);
    fake.search(false);
    await clock.advance(599_999);
    expect(await run(create)).toMatchObject({ note: expect.stringContaining("OPS-1") });
    await clock.advance(2);
    await run(create);
    expect(fake.issues).toHaveLength(2);
    await executor.close?.();
  });

  test("the fields are those of the documented request", async () => {
    const { run, executor } = made({
      fields: { project: { id: "10000" }, issuetype: "Task", labels: ["from options"], customfield_10010: 7 },
    });
    const given = {
      issuetype: { id: "10002" },
      summary: `Main order\nflow ${"x".repeat(300)}`,
      description: "Order entry fails\n\nwhen selecting supplier.",
      priority: "High",
      components: ["api", { id: "10001" }],
      labels: ["bug fix", "blitz_test"],
      assignee: { name: "fred" },
      customfield_10020: { value: "red" },
    };
    expect(await run({ dedup_key: "a b", fields: given })).toEqual({ kind: "delivered" });
    expect(fake.issues[0]!.fields).toEqual({
      project: { id: "10000" },
      issuetype: { id: "10002" },
      summary: `Main order flow ${"x".repeat(238)}…`,
      description: "Order entry fails\n\nwhen selecting supplier.",
      priority: { name: "High" },
      components: [{ name: "api" }, { id: "10001" }],
      labels: ["bug_fix", "blitz_test", expect.stringMatching(/^squall-[0-9a-f]{32}$/)],
      assignee: { name: "fred" },
      customfield_10010: 7,
      customfield_10020: { value: "red" },
    });
    await executor.close?.();
  });

  test("version 3 searches elsewhere and takes documents", async () => {
    const { run, executor } = made({ api_version: 3, url: `${sink.url}/jira/` });
    const from = sink.requests.length;
    await run({ dedup_key: "h1", fields: { ...fields, description: "a\nb" } });
    await run({ action: "comment", dedup_key: "h1", comment: "c" });
    expect(pathsSince(from)).toEqual([
      "POST /3/search/jql",
      "POST /3/issue",
      "POST /3/search/jql",
      "GET /3/issue/OPS-1/comment?orderBy=-created&maxResults=50&expand=properties",
      "POST /3/issue/OPS-1/comment",
    ]);
    expect(sink.requests[from]!.path).toBe("/jira/rest/api/3/search/jql");
    const text = (of: string): JsonObject => ({ type: "text", text: of });
    expect(fake.issues[0]!.fields["description"]).toEqual({
      type: "doc",
      version: 1,
      content: [{ type: "paragraph", content: [text("a"), { type: "hardBreak" }, text("b")] }],
    });
    expect(fake.issues[0]!.comments).toMatchObject([{ body: { content: [{ content: [text("c")] }] } }]);
    await executor.close?.();
  });

  test("a comment is added once, also by a create whose issue is open already", async () => {
    const { run, executor } = made();
    const comment = { action: "comment", dedup_key: "h1", comment: "again" };
    expect(await run(comment)).toMatchObject({ kind: "delivered", note: expect.stringContaining("no open issue") });
    await run(create);
    await run(comment, { idempotencyKey: "one" });
    await run(comment, { idempotencyKey: "one" });
    await run({ ...create, comment: "and again" }, { idempotencyKey: "two" });
    await run({ ...create, comment: "and again" }, { idempotencyKey: "two" });
    expect(fake.issues).toMatchObject([
      {
        comments: [
          { body: "again", properties: [{ key: "squall", value: { delivery: "one" } }] },
          { body: "and again", properties: [{ key: "squall", value: { delivery: "two" } }] },
        ],
      },
    ]);
    await executor.close?.();
  });

  test.each([
    ["its name", "close", "Done"],
    ["its id", "31", "Done"],
    ["the status it leads to", "in progress", "In Progress"],
  ])("a transition by %s", async (_, transition, status) => {
    const { run, executor } = made();
    await run(create);
    expect(await run({ action: "transition", dedup_key: "h1", transition, comment: "c" })).toEqual({
      kind: "delivered",
    });
    expect(fake.issues).toMatchObject([{ status, comments: [{ body: "c" }] }]);
    await executor.close?.();
  });

  test("what is done is left alone: a repeated close changes nothing, the next create opens a new issue", async () => {
    const { run, executor } = made();
    const close = { action: "transition", dedup_key: "h1", transition: "Done" };
    await run(create);
    await run(close);
    const from = sink.requests.length;
    expect(await run(close)).toMatchObject({ kind: "delivered", note: expect.stringContaining("no open issue") });
    expect(pathsSince(from)).toEqual(["POST /2/search", "GET /2/issue/OPS-1?fields=status"]);
    await run(create);
    expect(fake.issues.map(({ status }) => status)).toEqual(["Done", "To Do"]);
    await executor.close?.();
  });

  test("an unknown transition is rejected with those there are; a status that is reached already is fine", async () => {
    const { run, executor } = made();
    await run(create);
    const to = (transition: string): JsonObject => ({ action: "transition", dedup_key: "h1", transition });
    expect(await run(to("Reopen"))).toEqual({
      kind: "reject",
      reason: 'the issue OPS-1, which is To Do, has no transition "Reopen"; accepted: Start work, Close',
    });
    expect(await run(to("to do"))).toEqual({ kind: "delivered", note: "the issue OPS-1 is To Do already" });
    await executor.close?.();
  });

  test.each([
    [400, "reject"],
    [401, "unavailable"],
    [403, "reject"],
    [404, "reject"],
    [429, "retry"],
    [500, "retry"],
  ])("%i to the issue, to the comment and to the transition → %s", async (status, kind) => {
    const body = '{"errorMessages":["first"],"errors":{"priority":"Priority name \'x\' is not valid"}}';
    for (const [part, payload] of [
      ["POST issue", create],
      ["GET comment", { action: "comment", dedup_key: "h2", comment: "c" }],
      ["POST comment", { action: "comment", dedup_key: "h2", comment: "c" }],
      ["GET transitions", { action: "transition", dedup_key: "h2", transition: "Close" }],
      ["POST transitions", { action: "transition", dedup_key: "h2", transition: "Close" }],
    ] as const) {
      const { run, executor } = made();
      sink.respond(fake.respond);
      if (payload.dedup_key === "h2") await run({ ...create, dedup_key: "h2" });
      const [method, name] = part.split(" ") as [string, string];
      sink.respond((request) =>
        request.method === method && request.path.split("?")[0]!.endsWith(`/${name}`)
          ? { status, body }
          : fake.respond(request),
      );
      expect(await run(payload), part).toMatchObject({
        kind,
        reason: expect.stringMatching(`${status} .*: first; priority: Priority name 'x' is not valid`),
      });
      await executor.close?.();
    }
  });

  test.each([
    ["an anonymous search that finds nothing", 200, { "x-seraph-loginreason": "AUTHENTICATED_FAILED" }],
    ["a login that wants a captcha", 403, { "x-authentication-denied-reason": "CAPTCHA_CHALLENGE; login-url=x" }],
  ])("unavailable: %s", async (_, status, headers) => {
    sink.respond({ status, headers, body: '{"issues":[]}' });
    const { run, executor } = made({ bearer: "token" });
    const outcome = await run(create);
    expect(outcome).toMatchObject({ kind: "unavailable", reason: expect.stringContaining("login was refused") });
    expect(sink.requests.at(-1)!.headers["authorization"]).toBe("Bearer token");
    await executor.close?.();
  });
});

test.each([
  ["sq-0123456789abcdef01234567", "squall-sq-0123456789abcdef01234567"],
  ["h1.example.com_x", "squall-h1.example.com_x"],
  ["H1", expect.stringMatching(/^squall-[0-9a-f]{32}$/)],
  ['x" OR labels = "y', expect.stringMatching(/^squall-[0-9a-f]{32}$/)],
  ["k".repeat(300), expect.stringMatching(/^squall-[0-9a-f]{32}$/)],
])("the label of %j", (key, label) => {
  expect(jiraLabel(key)).toEqual(label);
});

test("a text of many lines is a document without empty texts", () => {
  const paragraph = (...content: readonly JsonObject[]): JsonObject => ({ type: "paragraph", content });
  expect(jiraText("a\r\nb\n\n\n\nc\n", 3)).toEqual({
    type: "doc",
    version: 1,
    content: [
      paragraph({ type: "text", text: "a" }, { type: "hardBreak" }, { type: "text", text: "b" }),
      paragraph({ type: "text", text: "c" }, { type: "hardBreak" }),
    ],
  });
});

test("the previews of a comment and of a wrong issue", () => {
  const { executor } = createTestExecutor(jira, { url: "https://jira.example.com", bearer: "token" });
  const preview = (payload: JsonObject) => executor.preview(executorItem(payload));
  expect(preview({ action: "comment", dedup_key: "a", comment: "b" })).toMatchObject({
    url: "https://jira.example.com/rest/api/3/issue/{issue}/comment",
    headers: { authorization: "Bearer ***" },
  });
  expect(preview({ fields: { summary: "x" } })).toMatchObject({ body: { fields: { summary: "x" } } });
});

test("deliveries of one key go in order", () => {
  expect(jira.defaultOrder?.(create)).toBe("h1");
  expect(jira.defaultOrder?.({ fields })).toBeNull();
});
