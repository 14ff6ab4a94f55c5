import type { Gate } from "../gate.ts";
import { choose } from "./choose.ts";
import { dispatch } from "./dispatch.ts";
import { durable } from "./durable.ts";
import { latency } from "./latency.ts";
import { manyRules } from "./many-rules.ts";
import { match } from "./match.ts";
import { memory } from "./memory.ts";
import { ready } from "./ready.ts";
import { webhook } from "./webhook.ts";

export const gates: readonly Gate[] = [webhook, durable, dispatch, latency, memory, ready, choose, match, manyRules];
