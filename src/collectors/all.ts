import type { CollectorType } from "../component/define-collector.ts";
import { collectorList } from "./list.ts";

/** Every collector type, for what looks at all of them. */
export const collectorTypes: readonly CollectorType[] = await collectorList.loadAll();
