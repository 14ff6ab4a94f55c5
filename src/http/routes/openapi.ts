import type { FastifyInstance } from "fastify";
import type { AdminPorts } from "../admin-ports.ts";
import { endpoints } from "../contract/list.ts";
import { getOpenapi } from "../contract/openapi.ts";
import { type OpenapiDocument, openapiDocument } from "../openapi.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function openapiRoutes(server: FastifyInstance, ports: AdminPorts): void {
  // Made when first asked for: nobody should pay for it at every start.
  let document: OpenapiDocument | undefined;
  serveEndpoint(server, getOpenapi, async () => (document ??= openapiDocument(endpoints, ports.version)));
}
