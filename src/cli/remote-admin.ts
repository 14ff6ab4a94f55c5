import type { DeliveryQuery } from "../component/store.ts";
import { type AdminClientOptions, createAdminClient } from "../http/client.ts";
import { dropDeliveries, getDelivery, listDeliveries, retryDeliveries } from "../http/contract/deliveries.ts";
import { storeBackup, storeCheck, storeCompact } from "../http/contract/store.ts";
import type { Admin } from "./admin.ts";

/** Over the admin API of a running process. */
export function remoteAdmin(options: AdminClientOptions): Admin {
  const client = createAdminClient(options);
  return {
    list: ({ rulePath, ...query }: DeliveryQuery) =>
      client.call(listDeliveries, { query: { ...query, rule_path: rulePath } }),
    show: (id) => client.call(getDelivery, { params: { id } }),
    retry: async (selection) => (await client.call(retryDeliveries, { body: selection })).count,
    drop: async (selection) => (await client.call(dropDeliveries, { body: selection })).count,
    backup: (file) => client.call(storeBackup, { body: { file } }),
    check: async () => (await client.call(storeCheck, {})).problems,
    compact: () => client.call(storeCompact, {}),
    close: () => client.close(),
  };
}
