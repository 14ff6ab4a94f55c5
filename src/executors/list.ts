import type { ExecutorType } from "../component/define-executor.ts";
import { alertmanager } from "./alertmanager.ts";
import { archive } from "./archive.ts";
import { director } from "./director.ts";
import { elasticsearch } from "./elasticsearch.ts";
import { email } from "./email.ts";
import { event } from "./event.ts";
import { icinga2 } from "./icinga2.ts";
import { jira } from "./jira.ts";
import { kafka } from "./kafka.ts";
import { logger } from "./logger.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { script } from "./script.ts";
import { slack } from "./slack.ts";
import { smartMonitoringCheckResult } from "./smart-monitoring-check-result.ts";
import { sns } from "./sns.ts";
import { splunkHec } from "./splunk-hec.ts";
import { victorops } from "./victorops.ts";
import { webhook } from "./webhook.ts";

export const executorTypes: readonly ExecutorType[] = [
  icinga2,
  director,
  smartMonitoringCheckResult,
  elasticsearch,
  webhook,
  victorops,
  slack,
  pagerduty,
  opsgenie,
  splunkHec,
  sns,
  email,
  alertmanager,
  kafka,
  jira,
  archive,
  script,
  event,
  logger,
];
