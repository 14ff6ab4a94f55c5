/** Tornado's collectors are programs of their own, each with a folder. Here only what runs inside Squall is written. */
import { member, type JsonObject } from "../../core/json.ts";
import type { OutFiles } from "./out-files.ts";
import type { ReportSink } from "./report.ts";
import { below, type SourceFiles } from "./source-files.ts";
import { readToml } from "./toml-file.ts";

/** Each definition is a collector as it is. What of `ingest:` follows. */
export function importWebhooks(files: SourceFiles, folder: string, out: OutFiles, report: ReportSink): JsonObject {
  const webhooks = below(folder, "webhooks");
  const found = files.list(webhooks);
  // Here links are followed: mounted configuration consists of them.
  for (const name of [...(found?.files ?? []), ...(found?.links ?? [])]) {
    const source = below(webhooks, name);
    if (!files.isFile(source)) continue;
    const file = files.readObject(source, report);
    if (file === null) continue;
    const id = member(file.document, "id");
    if (typeof id !== "string" || !/^[A-Za-z0-9_.-]+$/.test(id)) {
      report.refused(source, `the id ${JSON.stringify(id ?? null)} is none; accepted: letters, digits, _ . -`);
      continue;
    }
    // Files that begin with a dot are not looked at.
    const target = `collectors/${id.startsWith(".") ? `_${id}` : id}.json`;
    if (out.all.has(target)) {
      report.refused(source, `the id ${JSON.stringify(id)} is used by another webhook`);
      continue;
    }
    out.set(target, file.text, true);
    out.origin(target, [], source);
    report.mapped(source, target);
    report.changed(source, "a JSON array posted to it is split into events; split: false keeps it whole", 9);
  }
  const toml = readToml(files, below(folder, "webhook_collector.toml"), report);
  if (toml === null) return {};
  const host = toml.text("webhook_collector.server_bind_address");
  const port = toml.number("webhook_collector.server_port");
  report.mapped(toml.source, "config/squall.yaml#ingest");
  report.note(
    toml.source,
    "message_queue_size, workers and the channel to the engine have no counterpart: it is one process",
  );
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
}

const OTHERS: readonly { readonly file: string; readonly folder?: string; readonly what: string }[] = [
  { file: "nats_json_collector.toml", folder: "topics", what: "the collector type nats" },
  { file: "icinga2_collector.toml", folder: "streams", what: "the collector type icinga2" },
  { file: "rsyslog_collector.toml", what: "the collector type tcp, over which the rsyslog collector sends," },
  { file: "email_collector.toml", what: "the collector type tcp, over which the mail collector sends," },
  { file: "sms_collector.toml", what: "the collector type nats, over which the SMS collector sends," },
  { file: "snmptrapd_collector.toml", what: "the collector type tcp, over which the trap collector sends," },
];

/** What a folder holds of collectors that are not available. */
export function refuseCollectors(files: SourceFiles, folder: string, report: ReportSink): void {
  for (const { file, folder: definitions, what } of OTHERS) {
    const toml = below(folder, file);
    if (files.isFile(toml)) report.refused(toml, `${what} is not available yet`);
    const found = definitions === undefined ? null : files.list(below(folder, definitions));
    for (const name of found?.files ?? [])
      report.refused(below(below(folder, definitions!), name), `${what} is not available yet`);
  }
}
