import type { NormalizerType } from "../component/define-normalizer.ts";
import { beats } from "./beats.ts";
import { json } from "./json.ts";
import { logstash } from "./logstash.ts";
import { sysdig } from "./sysdig.ts";

/** Every format, in the order in which `auto` asks; `json` reads anything and comes last. */
export const normalizers: readonly NormalizerType[] = [sysdig, beats, logstash, json];
