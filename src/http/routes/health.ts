import type { FastifyInstance } from "fastify";
import type { AdminPorts } from "../admin-ports.ts";
import { getHealth, getHealthV1, getLive, getMetrics, getReady } from "../contract/health.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function healthRoutes(server: FastifyInstance, ports: AdminPorts): void {
  const report = async () => {
    const answer = ports.health();
    return { status: answer.status === "not_ready" ? 503 : 200, answer };
  };
  serveEndpoint(server, getLive, async () => ({ status: "live" as const }));
  serveEndpoint(server, getReady, async () =>
    ports.health().status === "not_ready"
      ? { status: 503, answer: { status: "not_ready" as const } }
      : { status: 200, answer: { status: "ready" as const } },
  );
  serveEndpoint(server, getHealth, report);
  serveEndpoint(server, getHealthV1, report);
  serveEndpoint(server, getMetrics, () => ports.metricsText());
}
