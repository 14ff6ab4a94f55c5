/**
 * Back into the processing tree: an action makes a new event. Its id is the delivery key, so a repeat is known and
 * causes nothing twice. Rules that feed each other would go round for ever; the count of such actions in a row travels
 * with event and delivery, and ends them.
 */
import { z } from "zod";
import { AppError } from "../component/app-error.ts";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { delivered, reject, retry } from "../core/delivery/outcome.ts";
import { traceIdOf } from "../core/event/traceparent.ts";
import type { JsonObject } from "../core/json.ts";
import { ok } from "../core/result.ts";
import { readPayload } from "./support/read-payload.ts";

const payload = z.strictObject({
  type: z.string().min(1).describe("Type of the new event."),
  payload: z.looseObject({}).default({}).describe("Payload of the new event."),
  metadata: z.looseObject({}).default({}).describe("Metadata of the new event."),
  created_ms: z
    .int()
    .min(0)
    .optional()
    .describe("Time of the new event, in epoch milliseconds; by default that of the event that led to it."),
});

export const event = defineExecutor({
  type: "event",
  summary: "Sends a new event through the processing tree.",
  options: z.strictObject({
    max_hops: z
      .int()
      .min(1)
      .max(100)
      .default(8)
      .describe("How many events may come from one another in a row; the next one is a dead letter."),
  }),
  payload,
  code: {},
  guarantees:
    "Exactly once within the retention of the store: the new event's id is the delivery key, and an event that is known has no effect.",
  examples: [
    {
      title: "A service that stopped is also a fact about its host",
      options: { max_hops: 3 },
      payload: { type: "host_degraded", payload: { host: "h1", because: "Print Spooler stopped" } },
      request: {
        body: {
          id: "9f86d081884c7d659a2feaa0c55ad015",
          type: "host_degraded",
          created_ms: 1_700_000_000_500,
          payload: { host: "h1", because: "Print Spooler stopped" },
          metadata: {},
        },
      },
    },
  ],
  create({ max_hops: maxHops }, { id, clock, emit }) {
    const eventOf = ({ payload: given, idempotencyKey, eventMs }: ExecutorItem) => {
      const read = readPayload(payload, given);
      if (!read.ok) return read;
      const { type, payload: content, metadata, created_ms } = read.value;
      // The schema lets objects through as they are, and they are JSON.
      const parts = { payload: content as JsonObject, metadata: metadata as JsonObject };
      return ok({ id: idempotencyKey, type, created_ms: created_ms ?? eventMs, ...parts });
    };
    return {
      async execute(item) {
        const { traceparent, hops } = item;
        if (hops >= maxHops) return reject(`a loop: ${hops} events came from one another, and max_hops is ${maxHops}`);
        const read = eventOf(item);
        if (!read.ok) return read.error;
        const made = { ...read.value, trace_id: traceIdOf(traceparent) };
        try {
          await emit({
            arrivals: [{ event: made, identity: "given", hops: hops + 1 }],
            rejected: [],
            source: id,
            receivedMs: clock.nowMs(),
            traceparent,
          });
        } catch (error) {
          // The store is full, or the process stops: the event was not taken, and this delivery is still there.
          if (error instanceof AppError) {
            const { message, retryAfterMs } = error;
            return retry(message, retryAfterMs === undefined ? {} : { retryAfterMs });
          }
          throw error;
        }
        return delivered();
      },
      preview: (item) => {
        const read = eventOf(item);
        return read.ok ? { body: read.value } : {};
      },
    };
  },
});
