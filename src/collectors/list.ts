import type { CollectorType } from "../component/define-collector.ts";
import { lumberjack } from "./lumberjack.ts";
import { webhook } from "./webhook.ts";

export const collectorTypes: readonly CollectorType[] = [webhook, lumberjack];
