import type { ExecutorType } from "../component/define-executor.ts";
import { icinga2 } from "./icinga2.ts";
import { logger } from "./logger.ts";
import { webhook } from "./webhook.ts";

export const executorTypes: readonly ExecutorType[] = [icinga2, logger, webhook];
