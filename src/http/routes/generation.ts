import type { FastifyInstance } from "fastify";
import type { AdminPorts } from "../admin-ports.ts";
import { getGeneration, postReload } from "../contract/generation.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function generationRoutes(server: FastifyInstance, ports: AdminPorts): void {
  serveEndpoint(server, getGeneration, async () => ports.generation());
  serveEndpoint(server, postReload, () => ports.reload());
}
