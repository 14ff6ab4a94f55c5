import { z } from "zod";
import { generationStatus } from "./generation.ts";
import { endpoint } from "./endpoint.ts";

export const probe = z.object({ status: z.enum(["live", "ready", "not_ready"]) });

export const healthReport = z.object({
  status: z.enum(["ok", "degraded", "not_ready"]).describe("The worst of the reasons."),
  version: z.string(),
  started_ms: z.int(),
  reasons: z.array(
    z.object({
      subject: z.string().describe("The part that has the problem, such as `executor:icinga2`."),
      code: z.string(),
      message: z.string(),
      level: z.enum(["degraded", "not_ready"]),
      since_ms: z.int(),
    }),
  ),
  generation: generationStatus,
});
export type HealthReport = z.output<typeof healthReport>;

export const getLive = endpoint({
  id: "getLive",
  method: "GET",
  path: "/health/live",
  summary: "Is the process alive?",
  access: "open",
  answer: probe,
  problems: [],
});

export const getReady = endpoint({
  id: "getReady",
  method: "GET",
  path: "/health/ready",
  summary: "Should the instance get events? 503 while it starts, stops or cannot commit.",
  access: "open",
  answer: probe,
  alsoAnswers: [503],
  problems: [],
});

export const getHealth = endpoint({
  id: "getHealth",
  method: "GET",
  path: "/health",
  summary: "What is wrong right now, and which configuration is in service. 503 when not ready.",
  access: "loopback",
  answer: healthReport,
  alsoAnswers: [503],
  problems: [401, 403],
});

export const getHealthV1 = endpoint({ ...getHealth, id: "getHealthV1", path: "/api/v1/health", access: "token" });

export const getMetrics = endpoint({
  id: "getMetrics",
  method: "GET",
  path: "/metrics",
  summary: "Prometheus metrics.",
  access: "metrics",
  answer: z.string(),
  answerType: "text/plain",
  problems: [401, 403],
});
