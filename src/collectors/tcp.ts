/** JSON by lines over TCP: what Tornado's own collectors speak, each line an event. */
import { z } from "zod";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import { duration, size } from "../component/units.ts";
import {
  checkListener,
  listenerAuth,
  listenerConnections,
  listenerHost,
  listenerPort,
  listenerTls,
} from "./support/listener-options.ts";
import { jsonMessages } from "./support/message-documents.ts";
import { lineFramer } from "./support/message-framer.ts";
import { serveMessages } from "./support/message-session.ts";
import { faultReporter } from "./support/report-fault.ts";
import { createStreamBudget } from "./support/stream-budget.ts";
import { createStreamServer } from "./support/stream-server.ts";

const tcpOptions = z
  .strictObject({
    host: listenerHost(),
    port: listenerPort(4747),
    tls: listenerTls(),
    auth: listenerAuth(),
    max_connections: listenerConnections(),
    max_line: size().optional().describe("Longest line; longer ones are dead letters; absent: `ingest.max_body`."),
    receive_timeout: duration().default(60_000).describe("How long a sender may take over a line that it began."),
  })
  .superRefine(checkListener);

export const tcp = defineCollector({
  type: "tcp",
  summary:
    "Listens for JSON documents by lines: events of Tornado's own collectors (rsyslog, snmptrapd, mail …), which connect unchanged, or of anything that writes lines.",
  options: tcpOptions,
  defaultFormat: "tornado",
  guarantees:
    "The protocol has no acknowledgements: what was read is kept until it is committed, and at the memory bound nothing more is read, which slows the sender. What is between sender and collector is lost when the connection breaks, or the process ends; a sender that must not lose anything uses `lumberjack`, `webhook` or `kafka`.",
  examples: [
    { title: "In place of Tornado's own listener", file: { id: "tornado", type: "tcp" } },
    {
      title: "JSON lines of anything, over TLS",
      file: {
        id: "lines",
        type: "tcp",
        port: 6514,
        format: "json",
        tls: { cert_file: "tls/server.crt", key_file: "tls/server.key" },
        max_line: "64kb",
      },
    },
  ],
  create(options, deps: CollectorDeps) {
    const budget = createStreamBudget(deps.limits.maxInFlightBytes);
    const report = faultReporter(deps);
    return createStreamServer(options, deps, (peer) =>
      serveMessages(
        peer,
        budget,
        {
          framer: lineFramer(options.max_line ?? deps.limits.maxBodyBytes),
          decode: jsonMessages(deps.limits.jsonDepth),
          receiveTimeoutMs: options.receive_timeout,
        },
        report,
        deps,
      ),
    );
  },
});
