/** tornado.toml: the retry strategy is taken over; its listeners are not available, the rest has no counterpart. */
import type { JsonObject } from "../../core/json.ts";
import { readRetryStrategy } from "./retry.ts";
import type { ReportSink } from "./report.ts";
import { below, type SourceFiles } from "./source-files.ts";
import { readToml } from "./toml-file.ts";

/** `retry` of every executor; undefined: there is no such file, or its strategy was refused. */
export function importDaemon(files: SourceFiles, folder: string, report: ReportSink): JsonObject | undefined {
  const toml = readToml(files, below(folder, "tornado.toml"), report);
  if (toml === null) return undefined;
  const daemon = (key: string): string => `tornado.daemon.${key}`;
  if (toml.boolean(daemon("event_tcp_socket_enabled")) ?? true)
    report.refused(toml.source, "event_tcp_socket_enabled: the collector type tcp is not available yet");
  if (toml.boolean(daemon("nats_enabled")) ?? false)
    report.refused(toml.source, "nats_enabled: the collector type nats is not available yet");
  for (const [key, why] of WITHOUT_COUNTERPART) if (toml.has(key)) report.note(toml.source, `${key}: ${why}`);
  const retry = readRetryStrategy(toml, report);
  if (retry) report.mapped(toml.source, "config/squall.yaml#executors.*.retry");
  return retry;
}

const WITHOUT_COUNTERPART: readonly (readonly [string, string])[] = [
  ["logger", "see log: in config/squall.yaml; traces are not exported"],
  ["tornado.daemon.thread_pool_config", "see concurrency of each executor"],
  ["tornado.daemon.message_queue_size", "nothing is dropped: see store.max_size and ingest.max_in_flight"],
  ["tornado.daemon.web_server_port", "the API is another one; see admin: in config/squall.yaml"],
  ["tornado.daemon.auth", "there are no roles; the admin API has one token"],
];
