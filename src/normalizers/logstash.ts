/** Documents of Logstash's own outputs (http, kafka with the json codec): flat, with `@timestamp` and `@version`. */
import { defineNormalizer } from "../component/define-normalizer.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { isObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { arrayAt, at, kindOf, textAt, without } from "./support.ts";

export const logstash = defineNormalizer({
  format: "logstash",
  summary: "Documents that Logstash made itself; `@version` is dropped.",
  recognizes: (document) => textAt(document, "@version") !== undefined && textAt(document, "@timestamp") !== undefined,
  normalize(document) {
    if (!isObject(document)) return err(`a Logstash document is an object, this is ${kindOf(document)}`);
    const [firstTag] = arrayAt(document, "tags") ?? [];
    const type = textAt(document, "type") ?? (typeof firstTag === "string" && firstTag !== "" ? firstTag : undefined);
    const createdMs = timestampMs(at(document, "@timestamp"));
    const id = textAt(document, "@metadata", "_id");
    return ok([
      {
        ...(id === undefined ? {} : { id }),
        ...(type === undefined ? {} : { type }),
        ...(createdMs === undefined ? {} : { created_ms: createdMs }),
        payload: without(document, "@version"),
      },
    ]);
  },
  examples: [
    {
      title: "a syslog line",
      document: {
        "@timestamp": "2024-05-02T09:14:07.000Z",
        "@version": "1",
        type: "syslog",
        message: "link down",
        host: "sw-1",
      },
      events: [
        {
          type: "syslog",
          created_ms: 1714641247000,
          payload: { "@timestamp": "2024-05-02T09:14:07.000Z", type: "syslog", message: "link down", host: "sw-1" },
        },
      ],
    },
  ],
});
