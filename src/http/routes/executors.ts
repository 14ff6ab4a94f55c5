import type { FastifyInstance } from "fastify";
import type { AdminPorts } from "../admin-ports.ts";
import { listExecutors } from "../contract/executors.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function executorRoutes(server: FastifyInstance, ports: AdminPorts): void {
  serveEndpoint(server, listExecutors, async () => ({ items: [...(await ports.executors())] }));
}
