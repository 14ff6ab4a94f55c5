import type { NormalizerType } from "../component/define-normalizer.ts";
import { alertmanager } from "./alertmanager.ts";
import { beats } from "./beats.ts";
import { cloudevents } from "./cloudevents.ts";
import { falco } from "./falco.ts";
import { icinga2 } from "./icinga2.ts";
import { json } from "./json.ts";
import { logstash } from "./logstash.ts";
import { logzio } from "./logzio.ts";
import { sysdig } from "./sysdig.ts";
import { syslog } from "./syslog.ts";
import { tornado } from "./tornado.ts";

/** Every format, in the order in which `auto` asks; `json` reads anything and comes last. */
export const normalizers: readonly NormalizerType[] = [
  sysdig,
  beats,
  logstash,
  tornado,
  falco,
  alertmanager,
  icinga2,
  cloudevents,
  logzio,
  syslog,
  json,
];
