import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const executorStatus = z.object({
  id: z.string(),
  type: z.string().nullable().describe("Null: deliveries wait for an executor that the configuration no longer has."),
  dry_run: z.boolean(),
  breaker: z.enum(["closed", "open", "half_open"]),
  in_flight: z.int(),
  pending: z.int(),
  waiting: z.int(),
  dead: z.int(),
  oldest_ms: z.int().nullable().describe("Commit time of the oldest unsettled delivery."),
});
export type ExecutorView = z.output<typeof executorStatus>;

export const listExecutors = endpoint({
  id: "listExecutors",
  method: "GET",
  path: "/api/v1/executors",
  summary: "Every executor with its breaker and its part of the outbox.",
  access: "token",
  answer: z.object({ items: z.array(executorStatus) }),
  problems: [401, 403],
});
