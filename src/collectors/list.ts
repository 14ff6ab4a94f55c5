import type { CollectorType } from "../component/define-collector.ts";
import { elasticsearch } from "./elasticsearch.ts";
import { kafka } from "./kafka.ts";
import { lumberjack } from "./lumberjack.ts";
import { file } from "./file.ts";
import { icinga2 } from "./icinga2.ts";
import { splunkHec } from "./splunk-hec.ts";
import { nats } from "./nats.ts";
import { stdin } from "./stdin.ts";
import { syslog } from "./syslog.ts";
import { tcp } from "./tcp.ts";
import { timer } from "./timer.ts";
import { webhook } from "./webhook.ts";

export const collectorTypes: readonly CollectorType[] = [
  webhook,
  kafka,
  lumberjack,
  tcp,
  syslog,
  elasticsearch,
  splunkHec,
  icinga2,
  nats,
  file,
  stdin,
  timer,
];
