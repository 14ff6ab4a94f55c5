import type { Store } from "../../src/component/store.ts";
import type { NewDelivery } from "../../src/core/delivery/delivery.ts";
import { delivery, event, unit } from "../kit/store-fixtures.ts";

/** Commits so many deliveries, 2,000 at a time. */
export async function fillStore(store: Pick<Store, "commit">, count: number, fieldsOf: (n: number) => Partial<NewDelivery>): Promise<void> {
  for (let from = 0; from < count; from += 2000) {
    const part = Array.from({ length: Math.min(2000, count - from) }, (_, at) => event(delivery(`event-${from + at}`, fieldsOf(from + at))));
    await store.commit(unit(...part));
  }
}
