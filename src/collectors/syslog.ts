/** Syslog over UDP, TCP and TLS. */
import { z } from "zod";
import { defineCollector, type Collector, type CollectorDeps } from "../component/define-collector.ts";
import { duration, size } from "../component/units.ts";
import { timeZone } from "../core/template/time-zone.ts";
import { createDatagramServer } from "./support/datagram-server.ts";
import {
  checkListener,
  listenerAuth,
  listenerConnections,
  listenerHost,
  listenerPort,
  listenerTls,
} from "./support/listener-options.ts";
import { textMessages } from "./support/message-documents.ts";
import { serveMessages } from "./support/message-session.ts";
import { faultReporter } from "./support/report-fault.ts";
import { createStreamBudget } from "./support/stream-budget.ts";
import { createStreamServer, type Peer, type Session, type StreamServer } from "./support/stream-server.ts";
import { syslogFramer } from "./syslog-framer.ts";

const syslogOptions = z
  .strictObject({
    host: listenerHost(),
    port: listenerPort(5514),
    transports: z
      .array(z.enum(["udp", "tcp"]))
      .min(1)
      .optional()
      .describe("What is listened for, at the same port; absent: both, or with `tls` TCP alone."),
    tls: listenerTls(),
    auth: listenerAuth(),
    timezone: z
      .string()
      .refine((name) => timeZone(name) !== undefined, {
        error: ({ input }) =>
          `${JSON.stringify(input)} is no time zone; accepted: a name of the IANA database such as Europe/Rome`,
      })
      .default("UTC")
      .describe("Zone of the senders' clocks, for messages that do not say theirs (RFC 3164)."),
    max_connections: listenerConnections(),
    max_message: size()
      .default(65_536)
      .describe("Longest message over TCP; a longer line is a dead letter, a larger count closes the connection."),
    receive_timeout: duration().default(60_000).describe("How long a sender may take over a message that it began."),
  })
  .superRefine((options, context) => {
    checkListener(options, context);
    if (options.tls && options.transports?.includes("udp"))
      context.addIssue({
        code: "custom",
        path: ["transports"],
        message: "udp knows no tls; accepted: tcp here, and udp in a collector of its own",
      });
  });

type SyslogOptions = z.output<typeof syslogOptions>;

export const syslog = defineCollector({
  type: "syslog",
  summary:
    "Listens for syslog over UDP, TCP (counted messages and lines, told apart by themselves) and TLS: rsyslog, syslog-ng, network devices, `logger`.",
  options: syslogOptions,
  defaultFormat: "syslog",
  guarantees:
    "Syslog has no acknowledgements: what was read is kept until it is committed, and at the memory bound nothing more is read, which slows a sender over TCP; over UDP what comes then is lost, and counted. What is between sender and collector is lost when the connection breaks, or the process ends.",
  examples: [
    { title: "UDP and TCP on this machine", file: { id: "syslog", type: "syslog" } },
    {
      title: "Devices of a network, on the standard port",
      file: { id: "devices", type: "syslog", host: "0.0.0.0", port: 514, auth: "none", timezone: "Europe/Rome" },
    },
    {
      title: "TLS with client certificates",
      file: {
        id: "servers",
        type: "syslog",
        host: "0.0.0.0",
        port: 6514,
        tls: { cert_file: "tls/server.crt", key_file: "tls/server.key", client_ca_file: "tls/senders-ca.crt" },
      },
    },
  ],
  create: createSyslog,
});

function createSyslog(options: SyslogOptions, deps: CollectorDeps): Collector {
  const budget = createStreamBudget(deps.limits.maxInFlightBytes);
  const report = faultReporter(deps);
  const transports = options.transports ?? (options.tls ? ["tcp"] : ["udp", "tcp"]);
  const zone = timeZone(options.timezone);
  const context = zone ? { zone } : {};
  const servers: StreamServer[] = [];

  const serve = (peer: Peer): Session =>
    serveMessages(
      peer,
      budget,
      {
        framer: syslogFramer(options.max_message),
        decode: textMessages,
        context,
        receiveTimeoutMs: options.receive_timeout,
      },
      report,
      deps,
    );

  return {
    async start() {
      if (transports.includes("udp"))
        servers.push(createDatagramServer({ ...options, decode: textMessages, context }, budget, deps));
      if (transports.includes("tcp")) servers.push(createStreamServer(options, deps, serve));
      for (const server of servers) await server.start();
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
