import { expect, test } from "vitest";
import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "../core/json.ts";
import { logzio } from "./logzio.ts";

const read = (document: Json) => {
  const result = logzio.normalize(document, { collector: "c", receivedMs: 1 });
  if (!result.ok) throw new Error(result.error);
  return result.value[0]!;
};

test.each([
  ["SEVERE", "critical"],
  ["High", "error"],
  ["MEDIUM", "warning"],
  ["Low", "notice"],
  ["INFO", "info"],
  ["constructor", undefined],
  [undefined, undefined],
])("severity %s is %s", (severity, level) =>
  expect(
    read({ alert_title: "t", ...(severity === undefined ? {} : { alert_severity: severity }) }).payload[
      "severity_level"
    ],
  ).toBe(level),
);

test.each<[JsonObject, Json | undefined]>([
  [{ alert_event_samples: '[{"a":1},{"a":2}]' }, [{ a: 1 }, { a: 2 }]],
  [{ alert_samples: '{"a":1}' }, [{ a: 1 }]],
  [{ alert_samples_json: [{ a: 1 }] }, [{ a: 1 }]],
  [{ alert_event_samples: "[{&quot;path&quot;:&quot;&#x2F;a&amp;lt;&#39;&quot;}]" }, [{ path: "/a&lt;'" }]],
  [{ alert_event_samples: "cut off [{" }, undefined],
  [{ alert_event_samples: "5" }, undefined],
  [{}, undefined],
])("samples of %j", (more, samples) => expect(read({ alert_title: "t", ...more }).payload["samples"]).toEqual(samples));

test.each<[JsonObject, string | undefined, string]>([
  [{ alert_event_id: "e" }, "e", "firing"],
  [{ alert_event_id: "e", alert_event_type: "create" }, "e|create", "firing"],
  [{ alert_event_id: "e", alert_event_type: "CLOSE" }, "e|close", "resolved"],
  [{ alert_event_id: "{{alert_event_id}}" }, undefined, "firing"],
  [{}, undefined, "firing"],
])("identity and status of %j", (more, id, status) => {
  const draft = read({ alert_title: "t", ...more });
  expect([draft.id, draft.payload["status"]]).toEqual([id, status]);
});

test.each<[JsonObject, number | undefined]>([
  [{ alert_timeframe_end_epoch_millis: 1714641247000 }, 1714641247000],
  [{ alert_timeframe_end_epoch_millis: "1714641247000" }, 1714641247000],
  [{ alert_timeframe_end_epoch_millis: "soon" }, undefined],
  [{ alert_timeframe_end: "2024-05-02T09:14:07Z" }, 1714641247000],
])("time of %j", (more, createdMs) => expect(read({ alert_title: "t", ...more }).created_ms).toBe(createdMs));

test("the article's body for VictorOps, filled in, is read when the collector says logzio, and never guessed", () => {
  const template = readFileSync("test/fixtures/logzio/victorops-body.mustache", "utf8");
  const values: Readonly<Record<string, string>> = {
    alert_title: "Wazuh level 12",
    alert_description: "OSSEC alerts of a high level",
    alert_event_samples: "[{&quot;rule&quot;:{&quot;level&quot;:12}}]",
  };
  const body = JSON.parse(template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!)) as JsonObject;
  expect(logzio.recognizes(body)).toBe(false);
  expect(read(body)).toMatchObject({
    type: "logzio",
    payload: {
      ...values,
      entity_id: "Wazuh level 12",
      status: "firing",
      severity_level: "critical",
      samples: [{ rule: { level: 12 } }],
    },
  });
  expect(read({ ...body, message_type: "RECOVERY" }).payload["status"]).toBe("resolved");
});

test.each<[JsonObject, boolean]>([
  [{ alert_title: "t", alert_severity: "HIGH" }, true],
  [{ alert_title: "t" }, false],
  [{ alert_severity: "HIGH", alert_description: "d" }, false],
  [{ title: "t", severity: "HIGH" }, false],
])("%j is recognized: %s", (document, expected) => expect(logzio.recognizes(document)).toBe(expected));

test("what is missing is said", () =>
  expect(logzio.normalize({ a: 1 }, { collector: "c", receivedMs: 1 })).toEqual({
    ok: false,
    error: "an alert of Logz.io has a text `alert_title`, or `entity_id` and `message_type`; both are missing",
  }));
