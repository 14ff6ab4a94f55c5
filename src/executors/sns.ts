/** Amazon SNS: `Publish` of the query API, signed with Signature Version 4. Addresses and errors: support/sns-api.ts. */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { isArray, isObject, printJson, type Json } from "../core/json.ts";
import { reject, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { signAwsRequest } from "./support/aws-signature.ts";
import { boundedKey } from "./support/bounded-text.ts";
import { createHttpClient } from "./support/http-client.ts";
import { deliveryHeaders, httpUrl, readHttpUrl } from "./support/http-options.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, MASK, redactValues } from "./support/redact.ts";
import { outcomeOfSns, readSnsArn, snsSubject, type SnsTarget } from "./support/sns-api.ts";

const arn = () =>
  z.string().refine((text) => readSnsArn(text) !== undefined, {
    error: "expected an ARN such as arn:aws:sns:eu-central-1:123456789012:alerts",
  });
const attribute = () => z.union([z.string().min(1), z.number(), z.bigint(), z.boolean()]);

const optionsSchema = z.strictObject({
  access_key_id: secret().describe("Access key id."),
  secret_access_key: secret().describe("Secret access key."),
  session_token: secret().optional().describe("Token of temporary credentials."),
  topic_arn: arn().optional().describe("Topic for payloads that name none."),
  endpoint: httpUrl()
    .optional()
    .describe("Address of the API, such as that of a VPC endpoint; without it that of the topic's region."),
  key_attribute: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, { error: "expected the name of an attribute: letters, digits, _ and -" })
    .nullable()
    .default("delivery_key")
    .describe("Message attribute for the delivery key on topics that are not FIFO; null: none."),
});

const payloadSchema = z
  .strictObject({
    topic_arn: arn().optional().describe("Topic; the option `topic_arn` without it."),
    target_arn: arn().optional().describe("Endpoint of a mobile app instead of a topic."),
    message: z
      .custom<Json>((value) => value !== null && value !== "" && value !== undefined, { error: "expected a message" })
      .describe("Text, up to 256 KB; anything else is sent as JSON text."),
    subject: z
      .string()
      .optional()
      .describe("Subject of e-mails; SNS takes ASCII below 100 characters, so it is simplified and cut."),
    message_structure: z
      .literal("json")
      .optional()
      .describe("`json`: the message is an object of texts per protocol, with `default` among them."),
    attributes: z
      .record(z.string(), z.union([attribute(), z.array(attribute())]))
      .optional()
      .describe("Message attributes, which subscriptions filter by: texts, numbers, lists."),
    message_group_id: z
      .string()
      .min(1)
      .optional()
      .describe("Group within which a FIFO topic keeps the order; the rule's path without it."),
    message_deduplication_id: z
      .string()
      .min(1)
      .optional()
      .describe("What a FIFO topic knows repeats by; the delivery key without it."),
  })
  .refine((payload) => payload.topic_arn === undefined || payload.target_arn === undefined, {
    error: "topic_arn and target_arn exclude each other",
    path: ["target_arn"],
  })
  .refine((payload) => payload.message_structure !== "json" || isByProtocol(payload.message), {
    error: "with message_structure json, expected an object of texts with `default`",
    path: ["message"],
  });

type Options = z.output<typeof optionsSchema>;

interface Call {
  readonly url: URL;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const KEY = "9f86d081884c7d659a2feaa0c55ad015";
const VERSION = "2010-03-31";
const CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";
const MAX_ID = 128;
const EXAMPLE_HEADERS = {
  authorization: `AWS4-HMAC-SHA256 ${MASK}`,
  "content-type": CONTENT_TYPE,
  "idempotency-key": KEY,
};

export const sns = defineExecutor({
  type: "sns",
  summary: "Publishes messages to Amazon SNS topics.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  guarantees:
    "At least once. A FIFO topic drops a repeat within five minutes, since the delivery key is its deduplication id; on other topics a repeat is published again, with the same key in the attribute `delivery_key`.",
  examples: [
    {
      title: "A message with a subject",
      options: {
        access_key_id: "change-me-id",
        secret_access_key: "change-me",
        topic_arn: "arn:aws:sns:eu-central-1:123456789012:alerts",
      },
      payload: {
        subject: "Print Spooler stopped",
        message: "h1: the service stopped",
        attributes: { severity: "high" },
      },
      request: {
        method: "POST",
        url: "https://sns.eu-central-1.amazonaws.com/",
        headers: EXAMPLE_HEADERS,
        body: {
          Action: "Publish",
          Version: VERSION,
          TopicArn: "arn:aws:sns:eu-central-1:123456789012:alerts",
          Message: "h1: the service stopped",
          Subject: "Print Spooler stopped",
          "MessageAttributes.entry.1.Name": "severity",
          "MessageAttributes.entry.1.Value.DataType": "String",
          "MessageAttributes.entry.1.Value.StringValue": "high",
          "MessageAttributes.entry.2.Name": "delivery_key",
          "MessageAttributes.entry.2.Value.DataType": "String",
          "MessageAttributes.entry.2.Value.StringValue": KEY,
        },
      },
    },
    {
      title: "A document to a FIFO topic, in order per host",
      options: { access_key_id: "change-me-id", secret_access_key: "change-me" },
      payload: {
        topic_arn: "arn:aws-cn:sns:cn-north-1:123456789012:alerts.fifo",
        message: { host: "h1", state: "down" },
        message_group_id: "h1",
      },
      request: {
        method: "POST",
        url: "https://sns.cn-north-1.amazonaws.com.cn/",
        headers: EXAMPLE_HEADERS,
        body: {
          Action: "Publish",
          Version: VERSION,
          TopicArn: "arn:aws-cn:sns:cn-north-1:123456789012:alerts.fifo",
          Message: '{"host":"h1","state":"down"}',
          MessageGroupId: "h1",
          MessageDeduplicationId: KEY,
        },
      },
    },
  ],
  create(options, deps) {
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = options;
    const redactSecrets = createRedactor([accessKeyId, secretAccessKey, sessionToken, ...(deps.secrets ?? [])]);
    // A signature is good for a quarter of an hour to whoever has the rest of the request.
    const redact = (text: string): string => redactSecrets(text).replace(/(Signature=)[0-9a-f]{64}/g, `$1${MASK}`);
    const client = createHttpClient({}, { ...deps, redact });
    const context = { clock: deps.clock, redact };

    return {
      async execute(item, { signal }) {
        const call = callOf(item, options);
        if (!call.ok) return call.error;
        const { url, region, parameters } = call.value;
        const body = new URLSearchParams(parameters).toString();
        const request = { method: "POST", url, headers: { "content-type": CONTENT_TYPE }, body } as const;
        const signed = await signAwsRequest(
          request,
          { accessKeyId, secretAccessKey, sessionToken },
          { region, service: "sns", nowMs: deps.clock.nowMs() },
        );
        const headers = { ...signed, ...deliveryHeaders(item) };
        const answer = await client.send(
          { method: "POST", origin: url.origin, path: url.pathname + url.search, headers, body },
          signal,
        );
        return answer.ok ? outcomeOfSns(answer.value, context) : answer.error;
      },
      preview(item) {
        const call = callOf(item, options);
        if (!call.ok) return {};
        return {
          method: "POST",
          url: redact(call.value.url.href),
          headers: {
            authorization: `AWS4-HMAC-SHA256 ${MASK}`,
            "content-type": CONTENT_TYPE,
            ...deliveryHeaders(item),
          },
          body: redactValues(call.value.parameters, redact),
        };
      },
      close: () => client.close(),
    };
  },
});

function callOf(item: ExecutorItem, options: Options): Result<Call, Outcome> {
  const read = readPayload(payloadSchema, item.payload);
  if (!read.ok) return read;
  const { topic_arn: topic, target_arn: endpointArn, message, subject, message_structure: structure } = read.value;
  const { attributes, message_group_id: group, message_deduplication_id: repeat } = read.value;
  const topicArn = endpointArn === undefined ? (topic ?? options.topic_arn) : undefined;
  const target = addressed(topicArn ?? endpointArn);
  if (!target.ok) return target;
  const { region, endpoint, fifo } = target.value;
  const address = options.endpoint ?? endpoint;
  if (address === undefined)
    return err(reject(`the address of SNS in ${region} is not known; give the option endpoint`));
  const simple = subject === undefined ? undefined : snsSubject(subject);
  const keyAttribute = fifo || options.key_attribute === null ? {} : { [options.key_attribute]: item.idempotencyKey };
  return ok({
    url: readHttpUrl(address)!,
    region,
    parameters: {
      Action: "Publish",
      Version: VERSION,
      ...(topicArn === undefined ? { TargetArn: endpointArn! } : { TopicArn: topicArn }), // one of them was found
      Message: typeof message === "string" ? message : printJson(message),
      ...(simple === undefined ? {} : { Subject: simple }),
      ...(structure === undefined ? {} : { MessageStructure: structure }),
      ...(group !== undefined || fifo ? { MessageGroupId: boundedKey(group ?? item.rulePath, MAX_ID) } : {}),
      ...(fifo ? { MessageDeduplicationId: boundedKey(repeat ?? item.idempotencyKey, MAX_ID) } : {}),
      ...attributeParameters({ ...attributes, ...keyAttribute }),
    },
  });
}

function addressed(arnText: string | undefined): Result<SnsTarget, Outcome> {
  if (arnText === undefined) return err(reject("there is no topic_arn, neither in the options nor in the payload"));
  return ok(readSnsArn(arnText)!); // the schemas let no other text pass
}

/** `MessageAttributes.entry.N`, as the query API writes maps. */
function attributeParameters(attributes: Readonly<Record<string, Json>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value], i) => {
      const entry = `MessageAttributes.entry.${i + 1}`;
      const isNumber = typeof value === "number" || typeof value === "bigint";
      const type = isArray(value) ? "String.Array" : isNumber ? "Number" : "String";
      return [
        [`${entry}.Name`, name],
        [`${entry}.Value.DataType`, type],
        [`${entry}.Value.StringValue`, isArray(value) ? printJson(value) : String(value)],
      ];
    }),
  );
}

const isByProtocol = (message: Json): boolean =>
  isObject(message) &&
  typeof message["default"] === "string" &&
  Object.values(message).every((text) => typeof text === "string");
