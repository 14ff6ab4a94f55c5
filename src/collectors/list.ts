import type { CollectorType } from "../component/define-collector.ts";
import { typeList } from "../component/type-list.ts";

export const collectorList = typeList<CollectorType>({
  webhook: async () => (await import("./webhook.ts")).webhook,
  kafka: async () => (await import("./kafka.ts")).kafka,
  lumberjack: async () => (await import("./lumberjack.ts")).lumberjack,
  tcp: async () => (await import("./tcp.ts")).tcp,
  syslog: async () => (await import("./syslog.ts")).syslog,
  elasticsearch: async () => (await import("./elasticsearch.ts")).elasticsearch,
  splunk_hec: async () => (await import("./splunk-hec.ts")).splunkHec,
  icinga2: async () => (await import("./icinga2.ts")).icinga2,
  nats: async () => (await import("./nats.ts")).nats,
  file: async () => (await import("./file.ts")).file,
  stdin: async () => (await import("./stdin.ts")).stdin,
  timer: async () => (await import("./timer.ts")).timer,
});
