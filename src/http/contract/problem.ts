import { z } from "zod";
import { diagnostic } from "./generation.ts";

/** An error answer (RFC 9457), `application/problem+json`. */
export const problem = z.object({
  type: z.string().describe("`urn:squall:problem:<code>`"),
  title: z.string().describe("What the code means."),
  status: z.int(),
  detail: z.string().describe("What failed, the value found, what is accepted."),
  code: z.string(),
  diagnostics: z.array(diagnostic).optional().describe("With code `configuration`: every problem found."),
});
export type Problem = z.output<typeof problem>;
