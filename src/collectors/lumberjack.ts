/** The receiver of Beats' *logstash* output. */
import { z } from "zod";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import { duration, size } from "../component/units.ts";
import { serveLumberjack } from "./lumberjack-session.ts";
import {
  checkListener,
  listenerAuth,
  listenerConnections,
  listenerHost,
  listenerPort,
  listenerTls,
} from "./support/listener-options.ts";
import { faultReporter } from "./support/report-fault.ts";
import { createStreamBudget } from "./support/stream-budget.ts";
import { createStreamServer } from "./support/stream-server.ts";

const lumberjackOptions = z
  .strictObject({
    host: listenerHost(),
    port: listenerPort(5044),
    tls: listenerTls(),
    auth: listenerAuth(),
    max_connections: listenerConnections(),
    max_window: z
      .int()
      .min(1)
      .default(100_000)
      .describe("Events of one window (`bulk_max_size` of a Beat); a larger one closes the connection."),
    max_frame: size()
      .optional()
      .describe("Largest event, and largest compressed frame as sent; absent: `ingest.max_body`."),
    max_inflated: size().default(268_435_456).describe("What a compressed frame may inflate to."),
    receive_timeout: duration()
      .default(60_000)
      .describe("How long a sender may take over a window it began, and over reading an acknowledgement."),
  })
  .superRefine(checkListener);

export const lumberjack = defineCollector({
  type: "lumberjack",
  summary:
    "Listens for Beats (`output.logstash`) and others that speak Lumberjack, with TLS and client certificates, compressed or not.",
  options: lumberjackOptions,
  defaultFormat: "beats",
  guarantees:
    "An event is acknowledged after everything it causes is committed. A commit that is not possible now is tried again while the sender is kept waiting; when the connection ends, the sender repeats what was not acknowledged, and the ids that `format: beats`, which is the default here, gives make most repeats known.",
  examples: [
    { title: "Beats on this machine", file: { id: "beats", type: "lumberjack" } },
    {
      title: "Beats that show a certificate",
      file: {
        id: "shippers",
        type: "lumberjack",
        host: "0.0.0.0",
        tls: { cert_file: "tls/server.crt", key_file: "tls/server.key", client_ca_file: "tls/beats-ca.crt" },
        auth: { client_certificate: { subjects: ["beat-1", "beat-2"] } },
        metadata_from: { shipper: { from: "client_certificate" } },
      },
    },
  ],
  create(options, deps: CollectorDeps) {
    const budget = createStreamBudget(deps.limits.maxInFlightBytes);
    const report = faultReporter(deps);
    const limits = {
      maxWindow: options.max_window,
      maxFrameBytes: options.max_frame ?? deps.limits.maxBodyBytes,
      maxInflatedBytes: options.max_inflated,
      receiveTimeoutMs: options.receive_timeout,
    };
    return createStreamServer(options, deps, (peer) => serveLumberjack(peer, budget, limits, report, deps));
  },
});
