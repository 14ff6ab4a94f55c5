import type { ExecutorType } from "../component/define-executor.ts";
import { executorList } from "./list.ts";

/** Every executor type, for what looks at all of them. */
export const executorTypes: readonly ExecutorType[] = await executorList.loadAll();
