import type { FastifyInstance } from "fastify";
import { AppError } from "../../component/app-error.ts";
import type { AdminPorts } from "../admin-ports.ts";
import { dropDeliveries, getDelivery, listDeliveries, retryDeliveries } from "../contract/deliveries.ts";
import { deadFilterOf, pageView, queryOf, viewOf } from "../delivery-view.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function deliveryRoutes(server: FastifyInstance, { store, wake }: AdminPorts): void {
  serveEndpoint(server, listDeliveries, async ({ query }) => pageView(await store.listDeliveries(queryOf(query))));
  serveEndpoint(server, getDelivery, async ({ params }) => {
    const record = await store.getDelivery(params.id);
    if (!record) throw new AppError("not_found", `there is no delivery ${params.id}`);
    return viewOf(record);
  });
  serveEndpoint(server, retryDeliveries, async ({ body }) => {
    const count = await store.retryDead(deadFilterOf(body));
    if (count > 0) wake();
    return { count };
  });
  serveEndpoint(server, dropDeliveries, async ({ body }) => ({ count: await store.dropDead(deadFilterOf(body)) }));
}
