/** One entry of `executors:` as it is written; what depends on its type is read by executors.ts. */
import { z } from "zod";
import { secret } from "../component/secret.ts";
import { duration, size } from "../component/units.ts";
import { outboundSchema } from "./settings.ts";

const share = () =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(value))?.[1];
      const part = percent === undefined ? Number(value) : Number(percent) / 100;
      if (part > 0 && part <= 1) return part;
      context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no share; accepted: above 0% to 100%` });
      return z.NEVER;
    })
    .meta({ unit: "share" });

export const executorEntry = z.strictObject({
  type: z.string().optional().describe("The executor type; the entry's own key without it."),
  options: z.record(z.string(), z.unknown()).default({}).describe("What the type needs; see its reference."),
  secrets: z
    .record(z.string(), secret())
    .default({})
    .describe("Values that payloads refer to by `{secret: name}`; put in when sending, never stored."),
  dry_run: z.boolean().default(false).describe("Log the exact request, secrets masked, and call it delivered."),
  concurrency: z.int().min(1).max(10_000).optional().describe("Requests at once; 16 unless the type says otherwise."),
  prefetch: z.int().min(1).max(1_000_000).default(1000).describe("Deliveries held in memory; the rest waits on disk."),
  rate: z
    .strictObject({
      per_second: z.number().positive().describe("Requests a second."),
      burst: z.int().min(1).optional().describe("As many at once after a pause; a second's worth without it."),
    })
    .optional()
    .describe("No more requests than this."),
  retry: z.unknown().optional().meta({
    description:
      "What happens after a failed attempt: `{max_age, max_attempts, backoff: {type: exponential|fixed|list, …}}`; by default for 24 hours, exponentially from 1 s to 5 minutes.",
    form: "retry",
  }),
  breaker: z
    .strictObject({
      failures: z.int().min(1).default(10).describe("Failures in a row that open it."),
      open_for: duration().default(30_000).describe("How long nothing is tried then."),
    })
    .prefault({})
    .describe("When to leave a failing target alone."),
  order_by: z
    .string()
    .min(1)
    .optional()
    .describe("Template over `payload`; deliveries of equal value go one at a time, in order."),
  timeout: duration().default(10_000).describe("Of one request, from connect to the last byte."),
  batch: z
    .strictObject({
      max_items: z.int().min(1).max(100_000).optional().describe("Deliveries in one request."),
      max_bytes: size().optional().describe("Bytes of their payloads."),
      linger: duration().optional().describe("How long the first waits for more."),
    })
    .optional()
    .describe("Sizes of batches, for types that batch."),
  outbox: z
    .strictObject({
      max_share: share().default(0.5).describe("Share of `store.max_size` that its waiting deliveries may take."),
      on_full: z
        .enum(["refuse", "dead_letter_oldest"])
        .default("refuse")
        .describe("`refuse`: events with an action for it are answered 503."),
    })
    .prefault({})
    .describe("What waits for it on disk."),
  outbound: outboundSchema.prefault({}).describe("Proxy and authorities, over those of `outbound`."),
});

export type ExecutorEntry = z.output<typeof executorEntry>;
