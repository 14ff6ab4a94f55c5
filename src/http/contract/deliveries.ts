import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const MAX_PAGE = 200;
export const deliveryState = z.enum(["pending", "waiting", "delivered", "superseded", "dead"]);

export const deliveryRecord = z.object({
  id: z.int(),
  state: deliveryState,
  kind: z.enum(["delivery", "input"]).describe("`input`: a document that no normalizer could read."),
  executor: z.string().nullable(),
  rule_path: z.string().nullable(),
  collector: z.string(),
  event_id: z.string().nullable(),
  key: z.string().nullable().describe("Idempotency key as the target sees it."),
  order_key: z.string().nullable(),
  committed_ms: z.int(),
  settled_ms: z.int().nullable(),
  due_ms: z.int().nullable().describe("When a waiting delivery is tried again."),
  attempts: z.int(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  response: z.string().nullable().describe("The target's last answer, redacted and cut."),
  payload: z.string().nullable().describe("JSON text as rendered; null once its space was reclaimed."),
});
export type DeliveryView = z.output<typeof deliveryRecord>;

export const deliveryPage = z.object({
  items: z.array(deliveryRecord),
  next: z.string().nullable().describe("`cursor` of the next page; null on the last."),
});

export const deliveryFilter = z.strictObject({
  state: deliveryState.optional(),
  executor: z.string().optional(),
  rule_path: z.string().optional(),
  code: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});

/** Which dead letters: all given conditions must hold. An empty filter would mean every one, so that is said by `all`. */
export const deadSelection = z
  .strictObject({
    id: z.int().optional(),
    executor: z.string().optional(),
    rule_path: z.string().optional(),
    code: z.string().optional(),
    all: z.literal(true).optional().describe("Every dead letter; only without a condition."),
  })
  .refine(({ all, ...conditions }) => (all === true) !== Object.values(conditions).some((one) => one !== undefined), {
    message: "give at least one of id, executor, rule_path, code, or only all: true",
  });
export type DeadSelection = z.output<typeof deadSelection>;

const counted = z.object({ count: z.int().describe("How many dead letters were taken.") });

export const listDeliveries = endpoint({
  id: "listDeliveries",
  method: "GET",
  path: "/api/v1/deliveries",
  summary: "Deliveries and dead letters, newest first, in pages of at most 200.",
  access: "token",
  query: deliveryFilter,
  answer: deliveryPage,
  problems: [400, 401, 403],
});

export const getDelivery = endpoint({
  id: "getDelivery",
  method: "GET",
  path: "/api/v1/deliveries/{id}",
  summary: "One delivery or dead letter.",
  access: "token",
  params: z.object({ id: z.coerce.number().int().min(1) }),
  answer: deliveryRecord,
  problems: [400, 401, 403, 404],
});

export const retryDeliveries = endpoint({
  id: "retryDeliveries",
  method: "POST",
  path: "/api/v1/deliveries/retry",
  summary: "Makes dead deliveries pending again, their attempts counted from zero.",
  access: "token",
  body: deadSelection,
  answer: counted,
  problems: [400, 401, 403],
});

export const dropDeliveries = endpoint({
  id: "dropDeliveries",
  method: "POST",
  path: "/api/v1/deliveries/drop",
  summary: "Removes dead letters for good.",
  access: "token",
  body: deadSelection,
  answer: counted,
  problems: [400, 401, 403],
});
