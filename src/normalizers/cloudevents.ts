/**
 * CloudEvents 1.0 (and 0.3), the CNCF's envelope, in the three ways in which it travels:
 *
 *     {specversion, id, source, type, time?, subject?, datacontenttype?, data? | data_base64?, extensions …}   structured
 *     [event …]                                                                                               batch
 *     headers ce-id, ce-source, ce-type …, and the body is the data                                            binary
 *
 * The payload is the data, the attributes are `metadata.cloudevents`. `source` and `id` together name an event. Kafka's
 * binding writes `ce_id` for `ce-id`. Header values are percent-encoded. A collector may have split the data of a binary
 * event, which is an array, into documents that share the headers; so the name of such an event has a hash of its data.
 */
import { createHash } from "node:crypto";
import { defineNormalizer, type InputContext } from "../component/define-normalizer.ts";
import type { EventDraft } from "../core/event/event.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { traceIdOf } from "../core/event/traceparent.ts";
import {
  isArray,
  isObject,
  member,
  parseJson,
  printJson,
  setMember,
  type Json,
  type JsonObject,
  type MutableJsonObject,
} from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { at, kindOf, textAt, without } from "./support.ts";

const REQUIRED = ["id", "source", "type"] as const;
const VERSION = /^\d+\.\d+/;
const JSON_TYPE = /^[^;]*[/+]json\s*(;|$)/i;
const TEXT_TYPE = /^text\/|^[^;]*[/+]xml\s*(;|$)/i;

export const cloudevents = defineNormalizer({
  format: "cloudevents",
  summary:
    "CloudEvents, structured, batched or binary (`ce-` headers); the payload is the data, the attributes are `metadata.cloudevents`.",
  recognizes: (document) =>
    VERSION.test(textAt(document, "specversion") ?? "") &&
    REQUIRED.every((key) => typeof at(document, key) === "string" && at(document, key) !== "") &&
    at(document, "@version") === undefined,
  normalize(document, context) {
    const headers = attributesOf(context);
    if (headers) return binary(document, headers);
    if (!isArray(document)) return structured(document);
    if (document.length === 0) return err("a batch of CloudEvents has at least one event, this one has none");
    const drafts: EventDraft[] = [];
    for (const each of document) {
      const read = structured(each);
      if (!read.ok) return read;
      drafts.push(...read.value);
    }
    return ok(drafts);
  },
  examples: [
    {
      title: "a structured event",
      document: {
        specversion: "1.0",
        id: "A234-1234-1234",
        source: "/shop/orders",
        type: "com.example.order.placed",
        time: "2024-05-02T09:14:07Z",
        datacontenttype: "application/json",
        data: { order: 7012, total: 93.4 },
      },
      events: [
        {
          id: '["/shop/orders","A234-1234-1234"]',
          type: "com.example.order.placed",
          created_ms: 1714641247000,
          payload: { order: 7012, total: 93.4 },
          metadata: {
            cloudevents: {
              specversion: "1.0",
              id: "A234-1234-1234",
              source: "/shop/orders",
              type: "com.example.order.placed",
              time: "2024-05-02T09:14:07Z",
              datacontenttype: "application/json",
            },
          },
        },
      ],
    },
    {
      title: "a batch",
      document: [
        { specversion: "1.0", id: "1", source: "s", type: "t", data: "text" },
        { specversion: "1.0", id: "2", source: "s", type: "t" },
      ],
      events: [
        {
          id: '["s","1"]',
          type: "t",
          payload: { value: "text" },
          metadata: { cloudevents: { specversion: "1.0", id: "1", source: "s", type: "t" } },
        },
        {
          id: '["s","2"]',
          type: "t",
          payload: {},
          metadata: { cloudevents: { specversion: "1.0", id: "2", source: "s", type: "t" } },
        },
      ],
    },
  ],
});

function structured(document: Json): Result<readonly EventDraft[], string> {
  if (!isObject(document)) return err(`a CloudEvent is an object, this is ${kindOf(document)}`);
  const attributes = without(document, "data", "data_base64", "datacontentencoding");
  return draftOf(attributes, dataOf(document), "");
}

function binary(data: Json, attributes: JsonObject): Result<readonly EventDraft[], string> {
  return draftOf(attributes, data, createHash("sha256").update(printJson(data)).digest("base64url"));
}

function draftOf(attributes: JsonObject, data: Json | undefined, hash: string): Result<readonly EventDraft[], string> {
  const version = member(attributes, "specversion");
  if (typeof version !== "string" || !VERSION.test(version))
    return err(`a CloudEvent has a text \`specversion\`, such as 1.0; ${found(version)}`);
  for (const key of REQUIRED) {
    const value = member(attributes, key);
    if (typeof value !== "string" || value === "") return err(`a CloudEvent has a text \`${key}\`; ${found(value)}`);
  }
  const name = [member(attributes, "source")!, member(attributes, "id")!, ...(hash === "" ? [] : [hash])];
  const createdMs = timestampMs(textAt(attributes, "time"));
  const traceId = traceIdOf(textAt(attributes, "traceparent"));
  return ok([
    {
      id: printJson(name),
      type: textAt(attributes, "type")!,
      ...(createdMs === undefined ? {} : { created_ms: createdMs }),
      payload: data === undefined ? {} : isObject(data) ? data : { value: data },
      metadata: { cloudevents: attributes },
      ...(traceId === null ? {} : { trace_id: traceId }),
    },
  ]);
}

const found = (value: Json | undefined): string =>
  value === undefined ? "it is missing" : value === "" ? "it is empty" : `this is ${kindOf(value)}`;

/** Version 1.0 has `data_base64`, 0.3 says `datacontentencoding: base64`. */
function dataOf(event: JsonObject): Json | undefined {
  const data = member(event, "data");
  const encoded =
    textAt(event, "data_base64") ?? (at(event, "datacontentencoding") === "base64" ? textAt(event, "data") : undefined);
  if (encoded === undefined) return data;
  const type = textAt(event, "datacontenttype") ?? "application/json";
  const text = Buffer.from(encoded, "base64").toString("utf8");
  if (JSON_TYPE.test(type)) {
    const parsed = parseJson(text);
    if (parsed.ok) return parsed.value;
  }
  return TEXT_TYPE.test(type) ? text : { data_base64: encoded };
}

/** Undefined: the input has no headers of CloudEvents. */
function attributesOf({ headers }: InputContext): JsonObject | undefined {
  if (headers === undefined) return undefined;
  const isBinary = headers["ce-specversion"] !== undefined || headers["ce_specversion"] !== undefined;
  if (!isBinary) return undefined;
  const attributes: MutableJsonObject = {};
  for (const [name, value] of Object.entries(headers))
    if (/^ce[-_]/.test(name)) setMember(attributes, name.slice(3), decoded(value));
  const type = headers["content-type"];
  if (type !== undefined) setMember(attributes, "datacontenttype", type);
  return attributes;
}

/** What is no valid escape is meant as it stands. */
function decoded(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
