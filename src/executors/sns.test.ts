import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkRequest } from "../../test/kit/http-sink.ts";
import { sns } from "./sns.ts";
import { readSnsArn, snsSubject } from "./support/sns-api.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:MyTopic";
const FIFO = "arn:aws:sns:us-east-1:123456789012:MyTopic.fifo";
const CREDENTIALS = { access_key_id: "AKIDEXAMPLE", secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const PUBLISHED =
  '<PublishResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult></PublishResponse>';
const errorOf = (code: string, message = "no"): string =>
  `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">\n  <Error>\n    <Type>Sender</Type>\n    <Code>${code}</Code>\n    <Message>${message}</Message>\n  </Error>\n</ErrorResponse>`;
const formOf = (request: SinkRequest): Record<string, string> => Object.fromEntries(new URLSearchParams(request.body));

describeExecutor(sns, {
  options: (url) => ({ ...CREDENTIALS, endpoint: url, topic_arn: TOPIC, session_token: "the session token" }),
  payload: () => ({ message: "hello" }),
  badPayloads: {
    "no message": { subject: "x" },
    "empty message": { message: "" },
    "no ARN": { message: "x", topic_arn: "MyTopic" },
    "region that is a host": { message: "x", topic_arn: "arn:aws:sns:evil.example/:123456789012:t" },
    "topic and target": { message: "x", topic_arn: TOPIC, target_arn: TOPIC },
    "structure without default": { message: { email: "x" }, message_structure: "json" },
    "structure of a text": { message: "x", message_structure: "json" },
    "attribute that is an object": { message: "x", attributes: { a: { b: 1 } } },
  },
  http: {
    secrets: [...Object.values(CREDENTIALS), "the session token"],
    answer: (status) => ({ status, body: status < 300 ? PUBLISHED : "<html>no comment</html>" }),
  },
});

describe("requests", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());
  const create = (options: object = {}) => createTestExecutor(sns, { ...CREDENTIALS, endpoint: sink.url, ...options });

  const send = async (payload: JsonObject, options: object = {}): Promise<SinkRequest> => {
    sink.respond({ status: 200, body: PUBLISHED });
    const { run, executor } = create(options);
    expect(await run(payload)).toEqual({ kind: "delivered" });
    await executor.close?.();
    return sink.requests.at(-1)!;
  };

  test("a message is the documented Publish request, signed for the topic's region", async () => {
    const request = await send({
      topic_arn: TOPIC,
      message: "größe = 1 & more",
      subject: "Größe\nüber 5",
      attributes: { severity: "high", count: 3, hosts: ["h1", "h2"], urgent: true },
    });
    expect(request).toMatchObject({
      method: "POST",
      path: "/",
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": "20231114T221320Z",
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20231114\/us-east-1\/sns\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
        ),
      },
    });
    expect(formOf(request)).toEqual({
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: TOPIC,
      Message: "größe = 1 & more",
      Subject: "Grosse uber 5",
      "MessageAttributes.entry.1.Name": "severity",
      "MessageAttributes.entry.1.Value.DataType": "String",
      "MessageAttributes.entry.1.Value.StringValue": "high",
      "MessageAttributes.entry.2.Name": "count",
      "MessageAttributes.entry.2.Value.DataType": "Number",
      "MessageAttributes.entry.2.Value.StringValue": "3",
      "MessageAttributes.entry.3.Name": "hosts",
      "MessageAttributes.entry.3.Value.DataType": "String.Array",
      "MessageAttributes.entry.3.Value.StringValue": '["h1","h2"]',
      "MessageAttributes.entry.4.Name": "urgent",
      "MessageAttributes.entry.4.Value.DataType": "String",
      "MessageAttributes.entry.4.Value.StringValue": "true",
      "MessageAttributes.entry.5.Name": "delivery_key",
      "MessageAttributes.entry.5.Value.DataType": "String",
      "MessageAttributes.entry.5.Value.StringValue": EXAMPLE_KEY,
    });
  });

  test("a session token goes along", async () => {
    const { headers } = await send({ topic_arn: TOPIC, message: "x" }, { session_token: "token" });
    expect(headers["x-amz-security-token"]).toBe("token");
    expect(headers["authorization"]).toContain("x-amz-security-token");
  });

  test("a FIFO topic gets group and deduplication id, and no attribute", async () => {
    expect(formOf(await send({ topic_arn: FIFO, message: { b: 1 } }))).toEqual({
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: FIFO,
      Message: '{"b":1}',
      MessageGroupId: "root.windows.services.service_stopped",
      MessageDeduplicationId: EXAMPLE_KEY,
    });
    const own = { message_group_id: "g".repeat(200), message_deduplication_id: "d" };
    const form = formOf(await send({ topic_arn: FIFO, message: "x", ...own }));
    expect(form).toMatchObject({ MessageDeduplicationId: "d" });
    expect(form["MessageGroupId"]).toHaveLength(128);
  });

  test("a message per protocol, to a mobile endpoint, without attribute", async () => {
    const target = "arn:aws:sns:us-west-2:123456789012:endpoint/GCM/gcmpushapp/5e3e9847-3183-3f18-a7e8-671c3a57d4b3";
    const message = { default: "d", email: "e" };
    const form = formOf(
      await send({ target_arn: target, message, message_structure: "json" }, { topic_arn: TOPIC, key_attribute: null }),
    );
    expect(form).toEqual({
      Action: "Publish",
      Version: "2010-03-31",
      TargetArn: target,
      Message: '{"default":"d","email":"e"}',
      MessageStructure: "json",
    });
  });

  test.each([
    [400, "Throttling", "retry"],
    [400, "ThrottlingException", "retry"],
    [429, "Throttled", "retry"],
    [400, "KMSThrottling", "retry"],
    [500, "InternalError", "retry"],
    [503, "ServiceUnavailable", "retry"],
    [400, "InvalidParameter", "reject"],
    [400, "InvalidParameterValue", "reject"],
    [403, "AuthorizationError", "reject"],
    [404, "NotFound", "reject"],
    [400, "EndpointDisabled", "reject"],
    [400, "KMSDisabled", "reject"],
    [403, "InvalidClientTokenId", "unavailable"],
    [403, "ExpiredToken", "unavailable"],
    [403, "SignatureDoesNotMatch", "unavailable"],
    [403, "InvalidSecurity", "unavailable"],
    [403, "MissingAuthenticationToken", "unavailable"],
    [400, "IncompleteSignature", "unavailable"],
  ])("%i %s → %s", async (status, code, kind) => {
    sink.respond({ status, body: errorOf(code, "Invalid parameter: Subject") });
    const { run, executor } = create({ topic_arn: TOPIC });
    expect(await run({ message: "x" })).toMatchObject({
      kind,
      reason: expect.stringContaining(`${code}: Invalid parameter: Subject`),
    });
    await executor.close?.();
  });

  test("a signature that the target repeats is masked", async () => {
    sink.respond(({ headers }) => ({
      status: 403,
      body: errorOf("AuthorizationError", String(headers["authorization"])),
    }));
    const { run, executor } = create({ topic_arn: TOPIC });
    const shown = JSON.stringify(await run({ message: "x" }));
    expect(shown).toContain("Signature=***");
    expect(shown).not.toMatch(/[0-9a-f]{64}/);
    await executor.close?.();
  });

  test("no topic anywhere, or one whose address is not known, is rejected", async () => {
    const { run, executor } = createTestExecutor(sns, CREDENTIALS);
    expect(await run({ message: "x" })).toMatchObject({ kind: "reject", reason: expect.stringContaining("topic_arn") });
    const unknown = "arn:aws-new:sns:xx-west-1:123456789012:t";
    expect(await run({ message: "x", topic_arn: unknown })).toMatchObject({
      kind: "reject",
      reason: expect.stringContaining("xx-west-1"),
    });
    await executor.close?.();
  });
});

test.each([
  ["arn:aws:sns:us-east-1:123456789012:t", "https://sns.us-east-1.amazonaws.com"],
  ["arn:aws:sns:ap-southeast-4:123456789012:t.fifo", "https://sns.ap-southeast-4.amazonaws.com"],
  ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "https://sns.us-gov-west-1.amazonaws.com"],
  ["arn:aws-cn:sns:cn-northwest-1:123456789012:t", "https://sns.cn-northwest-1.amazonaws.com.cn"],
  ["arn:aws-eusc:sns:eusc-de-east-1:123456789012:t", "https://sns.eusc-de-east-1.amazonaws.eu"],
])("%s is at %s", (arn, endpoint) => {
  expect(readSnsArn(arn)).toMatchObject({ endpoint });
});

test.each([
  ["plain", "plain"],
  ["Größe – “5 µ”…", 'Grosse - "5 ?"...'],
  ["a\r\nb\tc", "a b c"],
  ["x".repeat(99), "x".repeat(99)],
  ["x".repeat(100), `${"x".repeat(96)}...`],
  ["日本", "??"],
  [" \n ", undefined],
])("subject %j is sent as %j", (text, expected) => {
  expect(snsSubject(text)).toBe(expected);
});

test("the preview names the request without its signature", () => {
  const { executor } = createTestExecutor(sns, CREDENTIALS);
  const preview = executor.preview(executorItem({ topic_arn: TOPIC, message: "x" }));
  expect(preview).toMatchObject({
    url: "https://sns.us-east-1.amazonaws.com/",
    headers: { authorization: "AWS4-HMAC-SHA256 ***" },
  });
});
