import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const diagnostic = z.object({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  accepted: z.string().optional(),
  suggestion: z.string().optional(),
});

export const generationStatus = z.object({
  number: z.int().describe("Grows by one with every reload that changed something."),
  loaded_ms: z.int(),
  hash: z.string().describe("Of everything loaded; equal configurations have equal hashes."),
  restart_needed: z.array(z.string()).describe("Settings whose change waits for a restart."),
  last_error: z
    .object({ at_ms: z.int(), message: z.string(), diagnostics: z.array(diagnostic) })
    .nullable()
    .describe("Why the last reload failed; null when it succeeded."),
});
export type GenerationStatus = z.output<typeof generationStatus>;

export const getGeneration = endpoint({
  id: "getGeneration",
  method: "GET",
  path: "/api/v1/generation",
  summary: "The configuration in service and how the last reload ended.",
  access: "token",
  answer: generationStatus,
  problems: [401, 403],
});

export const postReload = endpoint({
  id: "postReload",
  method: "POST",
  path: "/api/v1/generation/reload",
  summary: "Loads the configuration anew; with errors in it the generation in service stays.",
  access: "token",
  answer: generationStatus,
  problems: [400, 401, 403, 500],
});
