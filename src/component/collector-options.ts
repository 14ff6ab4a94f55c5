import { z } from "zod";
import { duration } from "./units.ts";

/** Keys that every collector file may have; a type's own schema adds its keys. `config` splits the two. */
export const collectorOptions = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/)
    .describe("Unique; the path of a webhook (`/event/<id>`), the metrics label."),
  type: z.string().default("webhook").describe("The collector type."),
  format: z
    .string()
    .optional()
    .describe("The normalizer of its documents, or `auto`; `json` where the type says nothing else."),
  trust_metadata: z
    .boolean()
    .default(false)
    .describe("Keep `metadata.tenant_id` as the sender wrote it; otherwise it is removed."),
  lateness: duration()
    .default(0)
    .describe("How far events may lag behind the newest one before windows close without them."),
  collector_config: z
    .unknown()
    .optional()
    .describe("Mapping of each event the normalizer made: `event_type`, `payload`, `metadata`."),
  metadata_from: z
    .record(
      z.string(),
      z.strictObject({
        from: z.string().describe("`subject`, `topic`, `client_certificate` or `header:NAME`."),
        regex: z.string().optional().describe("Its first group is the value; no match leaves the key out."),
      }),
    )
    .optional()
    .describe("Metadata taken from the transport."),
});

export type CollectorOptions = z.output<typeof collectorOptions>;
