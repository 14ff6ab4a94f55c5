import { z } from "zod";
import { defineExecutor } from "../component/define-executor.ts";
import { delivered } from "../core/delivery/outcome.ts";
import { createRedactor, redactJson } from "./support/redact.ts";

/** Tornado's `logger`: whatever the payload is, it becomes one structured log line. */
export const logger = defineExecutor({
  type: "logger",
  summary: "Writes the payload as one structured line to the log.",
  options: z.strictObject({
    level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Level of the log line."),
  }),
  payload: z.looseObject({}).describe("Any object; it is the `payload` of the log line."),
  code: {},
  guarantees: "At least once; a repeat carries the same `delivery` key.",
  examples: [
    {
      title: "Note each stopped service",
      options: { level: "warn" },
      payload: { text: "Print Spooler stopped on h1", host: "h1" },
      request: { body: { text: "Print Spooler stopped on h1", host: "h1" } },
    },
  ],
  create({ level }, deps) {
    const redact = createRedactor(deps.secrets ?? []);
    return {
      async execute({ payload, rulePath, eventId, idempotencyKey }) {
        const fields = {
          rule: rulePath,
          event_id: eventId,
          delivery: idempotencyKey,
          payload: redactJson(payload, redact),
        };
        deps.logger[level](fields, "action");
        return delivered();
      },
      preview: ({ payload }) => ({ body: redactJson(payload, redact) }),
    };
  },
});
