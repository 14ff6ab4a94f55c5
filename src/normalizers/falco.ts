/**
 * Falco's JSON output, straight from Falco (`http_output`) or through falcosidekick, which adds `uuid`. `output_fields`
 * keeps its dotted keys and its 64-bit integers (`evt.time` is nanoseconds), both exactly as they were sent.
 */
import { defineNormalizer } from "../component/define-normalizer.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { isObject, type Json, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { levelOfName } from "./level-of-name.ts";
import { at, kindOf, objectAt, textAt } from "./support.ts";

export const falco = defineNormalizer({
  format: "falco",
  summary: "Falco alerts, direct or through falcosidekick; `severity_level` is made from `priority`.",
  recognizes: (document) =>
    ruleOf(document) !== undefined &&
    levelOfName(textAt(document, "priority")) !== undefined &&
    textAt(document, "output") !== undefined &&
    objectAt(document, "output_fields") !== undefined,
  normalize(document) {
    if (!isObject(document)) return err(`a Falco alert is an object, this is ${kindOf(document)}`);
    if (ruleOf(document) === undefined) return err("a Falco alert has a text `rule`; it is missing");
    const priority = textAt(document, "priority");
    if (priority === undefined) return err("a Falco alert has a text `priority`; it is missing");
    const id = textAt(document, "uuid");
    const level = levelOfName(priority);
    const createdMs = timeOf(at(document, "time"));
    return ok([
      {
        ...(id === undefined ? {} : { id }),
        type: "falco",
        ...(createdMs === undefined ? {} : { created_ms: createdMs }),
        payload: { ...document, ...(level === undefined ? {} : { severity_level: level }) },
      },
    ]);
  },
  examples: [
    {
      title: "an alert of falcosidekick",
      document: {
        uuid: "c7f36c86-f50e-4e4d-9a67-3677adb57778",
        output: "a shell was opened in a container (user=root)",
        priority: "Notice",
        rule: "Terminal shell in container",
        time: "2024-05-02T09:14:07.123456789Z",
        output_fields: { "evt.time": 1714641247123456789n, "user.name": "root" },
        source: "syscall",
      },
      events: [
        {
          id: "c7f36c86-f50e-4e4d-9a67-3677adb57778",
          type: "falco",
          created_ms: 1714641247123,
          payload: {
            uuid: "c7f36c86-f50e-4e4d-9a67-3677adb57778",
            output: "a shell was opened in a container (user=root)",
            priority: "Notice",
            rule: "Terminal shell in container",
            time: "2024-05-02T09:14:07.123456789Z",
            output_fields: { "evt.time": 1714641247123456789n, "user.name": "root" },
            source: "syscall",
            severity_level: "notice",
          },
        },
      ],
    },
  ],
});

/** Falco's own readers take the key in any case, so senders that write `Rule` exist. */
const ruleOf = (document: JsonObject): string | undefined => textAt(document, "rule") ?? textAt(document, "Rule");

/** RFC 3339 with nanoseconds; as a number it is nanoseconds since 1970, which no double holds exactly. */
const timeOf = (time: Json | undefined): number | undefined =>
  typeof time === "bigint" ? Number(time / 1_000_000n) : timestampMs(typeof time === "string" ? time : undefined);
