import type { Gate } from "../gate.ts";
import { backlog } from "./backlog.ts";
import { choose } from "./choose.ts";
import { commitBeside } from "./commit-beside.ts";
import { dispatch } from "./dispatch.ts";
import { durable } from "./durable.ts";
import { bulk } from "./elasticsearch.ts";
import { exactIntegers } from "./exact-integers.ts";
import { kafka } from "./kafka.ts";
import { latency } from "./latency.ts";
import { manyRules } from "./many-rules.ts";
import { match } from "./match.ts";
import { memory } from "./memory.ts";
import { ready } from "./ready.ts";
import { webhook } from "./webhook.ts";

export const gates: readonly Gate[] = [webhook, exactIntegers, durable, commitBeside, dispatch, bulk, kafka, latency, memory, backlog, ready, choose, match, manyRules];
