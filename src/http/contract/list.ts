import { dropDeliveries, getDelivery, listDeliveries, retryDeliveries } from "./deliveries.ts";
import type { Endpoint } from "./endpoint.ts";
import { listExecutors } from "./executors.ts";
import { getGeneration, postReload } from "./generation.ts";
import { getHealth, getHealthV1, getLive, getMetrics, getReady } from "./health.ts";
import { getOpenapi } from "./openapi.ts";
import { storeBackup, storeCheck, storeCompact } from "./store.ts";

/** Every endpoint of the admin listener, in the order of the OpenAPI document. */
export const endpoints: readonly Endpoint[] = [
  getLive,
  getReady,
  getHealth,
  getMetrics,
  getOpenapi,
  getHealthV1,
  getGeneration,
  postReload,
  listExecutors,
  listDeliveries,
  getDelivery,
  retryDeliveries,
  dropDeliveries,
  storeBackup,
  storeCheck,
  storeCompact,
];
