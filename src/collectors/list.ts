import type { CollectorType } from "../component/define-collector.ts";
import { webhook } from "./webhook.ts";

export const collectorTypes: readonly CollectorType[] = [webhook];
