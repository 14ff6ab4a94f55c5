import type { NormalizerType } from "../component/define-normalizer.ts";
import { typeList } from "../component/type-list.ts";

/** Every format, in the order in which `auto` asks; `json` reads anything and comes last. */
export const normalizerList = typeList<NormalizerType>({
  sysdig: async () => (await import("./sysdig.ts")).sysdig,
  beats: async () => (await import("./beats.ts")).beats,
  logstash: async () => (await import("./logstash.ts")).logstash,
  tornado: async () => (await import("./tornado.ts")).tornado,
  falco: async () => (await import("./falco.ts")).falco,
  alertmanager: async () => (await import("./alertmanager.ts")).alertmanager,
  icinga2: async () => (await import("./icinga2.ts")).icinga2,
  cloudevents: async () => (await import("./cloudevents.ts")).cloudevents,
  logzio: async () => (await import("./logzio.ts")).logzio,
  syslog: async () => (await import("./syslog.ts")).syslog,
  json: async () => (await import("./json.ts")).json,
});
