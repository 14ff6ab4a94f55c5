import type { ExecutorType } from "../component/define-executor.ts";
import { typeList } from "../component/type-list.ts";

export const executorList = typeList<ExecutorType>({
  icinga2: async () => (await import("./icinga2.ts")).icinga2,
  director: async () => (await import("./director.ts")).director,
  smart_monitoring_check_result: async () =>
    (await import("./smart-monitoring-check-result.ts")).smartMonitoringCheckResult,
  elasticsearch: async () => (await import("./elasticsearch.ts")).elasticsearch,
  webhook: async () => (await import("./webhook.ts")).webhook,
  victorops: async () => (await import("./victorops.ts")).victorops,
  slack: async () => (await import("./slack.ts")).slack,
  pagerduty: async () => (await import("./pagerduty.ts")).pagerduty,
  opsgenie: async () => (await import("./opsgenie.ts")).opsgenie,
  splunk_hec: async () => (await import("./splunk-hec.ts")).splunkHec,
  sns: async () => (await import("./sns.ts")).sns,
  email: async () => (await import("./email.ts")).email,
  alertmanager: async () => (await import("./alertmanager.ts")).alertmanager,
  kafka: async () => (await import("./kafka.ts")).kafka,
  jira: async () => (await import("./jira.ts")).jira,
  archive: async () => (await import("./archive.ts")).archive,
  script: async () => (await import("./script.ts")).script,
  event: async () => (await import("./event.ts")).event,
  logger: async () => (await import("./logger.ts")).logger,
});
