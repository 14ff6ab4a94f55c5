/** Of rules and processing trees, from the lists of operators, extractors and modifiers. */
import type { RegexForm } from "../../core/extractor/regex-form.ts";
import type { ModifierType } from "../../core/modifier/modifier.ts";
import type { OperatorType } from "../../core/operator/operator.ts";
import { RULE_STATUSES } from "../../core/rule/rule-test.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

const NAME = { type: "string", pattern: "^[a-zA-Z0-9_]+$" };
const duration = { type: ["string", "number"], description: "500ms, 10s, 1h30m, or milliseconds" };
const jitter = { type: "number", minimum: 0, maximum: 1 };

const backoff = (type: string, properties: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { type: { const: type }, ...properties, jitter },
  required: ["type"],
  additionalProperties: false,
});

export const retryJsonSchema: JsonSchema = {
  type: "object",
  properties: {
    max_age: { ...duration, default: "24h" },
    max_attempts: { anyOf: [{ type: "integer", minimum: 1 }, { const: "none" }], default: "none" },
    backoff: {
      anyOf: [
        backoff("exponential", {
          initial: duration,
          max: duration,
          multiplier: { type: "number", minimum: 1, maximum: 100 },
        }),
        backoff("fixed", { delay: duration }),
        backoff("list", { delays: { type: "array", items: duration } }),
      ],
    },
  },
  additionalProperties: false,
};

export interface LanguageFamilies {
  readonly operators: readonly OperatorType[];
  readonly extractors: readonly RegexForm[];
  readonly modifiers: readonly ModifierType[];
}

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });

/** What rules and trees share, under `$defs`. */
function definitions({ operators, extractors, modifiers }: LanguageFamilies): JsonSchema {
  return {
    operator: {
      type: "object",
      properties: {
        type: {
          description: "The operator.",
          anyOf: operators.map(({ name, aliases, summary }) => ({ enum: [name, ...aliases], description: summary })),
        },
        operators: { type: "array", items: ref("operator") },
        operator: { anyOf: [ref("operator"), { type: "array", items: ref("operator") }] },
      },
      required: ["type"],
      examples: operators.map(({ example }) => example),
    },
    condition: { anyOf: [ref("operator"), { type: "null" }, { type: "object", maxProperties: 0 }] },
    extractor: {
      type: "object",
      properties: {
        from: { type: "string", description: "A template, ${event.payload.message}." },
        regex: {
          anyOf: extractors.map(({ key, optional, summary }) => ({
            type: "object",
            description: summary,
            properties: { [key]: { type: "string" }, ...Object.fromEntries(optional.map((name) => [name, {}])) },
            required: [key],
            additionalProperties: false,
          })),
        },
        modifiers_post: {
          type: "array",
          items: {
            type: "object",
            properties: {
              type: { anyOf: modifiers.map(({ name, summary }) => ({ const: name, description: summary })) },
            },
            required: ["type"],
          },
        },
      },
      required: ["from", "regex"],
      additionalProperties: false,
    },
    action: {
      type: "object",
      properties: {
        id: { ...NAME, description: "Id of an executor, or foreach." },
        payload: {
          type: "object",
          description: "What the executor gets; strings are templates, and so are objects with the only key mustache.",
        },
        when: { ...ref("operator"), description: "False leaves the action out." },
        retry: retryJsonSchema,
        dry_run: { type: "boolean" },
        order_by: { type: "string" },
      },
      required: ["id", "payload"],
      if: { properties: { id: { const: "foreach" } }, required: ["id"] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: {
        properties: {
          payload: {
            description: "Its actions for each element of an array, which they read as ${item}.",
            properties: {
              target: { type: ["string", "array"], description: "The array, ${event.payload.alerts}." },
              actions: { type: "array", items: ref("action") },
            },
            required: ["target", "actions"],
          },
        },
      },
    },
    test: {
      type: "object",
      properties: {
        name: { type: "string" },
        event: {
          type: "object",
          properties: {
            type: { type: "string" },
            payload: { type: "object" },
            id: { type: "string" },
            created_ms: { type: "integer", minimum: 0, description: "Epoch milliseconds." },
            metadata: { type: "object" },
            trace_id: { type: ["string", "null"] },
          },
          required: ["type", "payload"],
          additionalProperties: false,
        },
        event_file: {
          type: "string",
          description: "A file with the event; its path starts at the configuration folder.",
        },
        expect: {
          type: "object",
          properties: {
            status: { enum: [...RULE_STATUSES] },
            extracted: { type: "object", description: "Variables; those not named are not checked." },
            actions: {
              type: "array",
              items: {
                type: "object",
                properties: { id: NAME, payload: { type: "object", description: "Keys not named are not checked." } },
                additionalProperties: false,
              },
              description: "All of them, in order; [] means none.",
            },
          },
          additionalProperties: false,
        },
      },
      required: ["expect"],
      oneOf: [{ required: ["event"] }, { required: ["event_file"] }],
      additionalProperties: false,
    },
    rule: {
      type: "object",
      properties: {
        name: { ...NAME, description: "The file's name without its number, if absent." },
        description: { type: "string" },
        active: { type: "boolean", default: true },
        continue: { type: "boolean", default: true, description: "False: a full match ends the ruleset." },
        constraint: {
          type: ["object", "null"],
          properties: {
            WHERE: { ...ref("condition"), description: "When the rule matches; absent: always." },
            WITH: { type: "object", additionalProperties: ref("extractor"), description: "Variables by name." },
          },
          additionalProperties: false,
        },
        actions: { type: "array", items: ref("action") },
        tests: { type: "array", items: ref("test"), description: "What `squall test` runs." },
        alert: { type: "object" },
        resolve_actions: { type: "array", items: ref("action") },
        moved_from: {},
      },
      required: ["actions"],
      additionalProperties: false,
    },
    node: {
      type: "object",
      required: ["type", "name"],
      properties: { type: { enum: ["filter", "iterator", "ruleset"] } },
      anyOf: [
        node("filter", { filter: ref("condition") }, []),
        node(
          "iterator",
          { target: { type: "string", description: "The array to go through, ${event.payload.alerts}." } },
          ["target"],
        ),
        {
          properties: {
            type: { const: "ruleset" },
            name: NAME,
            ruleset: { type: "string", description: "A folder of rules/." },
            rules: { type: "array", items: ref("rule") },
          },
          additionalProperties: false,
        },
      ],
    },
  };
}

const node = (type: string, own: JsonSchema, required: readonly string[]): JsonSchema => ({
  properties: {
    type: { const: type },
    name: NAME,
    description: { type: "string" },
    active: { type: "boolean", default: true },
    ...own,
    nodes: { type: "array", items: ref("node") },
  },
  required,
  additionalProperties: false,
});

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

export const ruleJsonSchema = (families: LanguageFamilies): JsonSchema => ({
  $schema: DIALECT,
  title: "Squall rule",
  $ref: "#/$defs/rule",
  $defs: definitions(families),
});

export const treeJsonSchema = (families: LanguageFamilies): JsonSchema => ({
  $schema: DIALECT,
  title: "Squall processing tree",
  $ref: "#/$defs/node",
  $defs: definitions(families),
});
