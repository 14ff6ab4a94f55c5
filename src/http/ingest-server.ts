/**
 * The HTTP server under the ingest listener: time limits, TLS, addresses. `localhost` is all addresses of that name on
 * one port, of which the first must be free; any other host is one address.
 */
import { lookup } from "node:dns/promises";
import { createServer as createHttp, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface IngestServerSettings {
  readonly host: string;
  readonly port: number;
  readonly tls?: IngestTls | undefined;
  /** More connections than this are closed as they come. */
  readonly maxConnections: number;
}

/** PEM texts. */
export interface IngestTls {
  readonly cert: string;
  readonly key: string;
  /** Client certificates of this CA are verified; whether one is required is each collector's to say. */
  readonly clientCa?: string | undefined;
}

export interface IngestServer {
  /** Rejects with what the system says of the address. */
  listen(): Promise<{ readonly address: string; readonly port: number }>;
  /** Takes no new connections and ends idle ones; resolves when all have ended. */
  close(): Promise<void>;
  closeAllConnections(): void;
}

const LIMITS: ServerOptions = {
  requestTimeout: 60_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 90_000,
  connectionsCheckingInterval: 5000,
};

export function createIngestServer(
  settings: IngestServerSettings,
  serve: RequestListener,
  refuse: (error: NodeJS.ErrnoException, socket: Socket) => void,
): IngestServer {
  const create = (): Server => {
    const server = createServer(settings.tls);
    server.maxConnections = settings.maxConnections;
    // With a listener of its own, 100-continue is not sent before someone looks at the body.
    server.on("request", serve).on("checkContinue", serve).on("clientError", refuse);
    return server;
  };
  const { host } = settings;
  const first = create();
  const servers = [first];

  async function listenToOthers({ address: taken, port }: AddressInfo): Promise<void> {
    const all = await lookup(host, { all: true }).catch(() => []);
    for (const { address } of all) {
      if (address === taken) continue;
      const server = create();
      // An address of the name that is not there, as ::1 without IPv6, is none that a sender could use.
      const listens = await listenOn(server, address, port).then(
        () => true,
        () => false,
      );
      if (listens) servers.push(server);
    }
  }

  return {
    async listen() {
      const bound = await listenOn(first, host, settings.port);
      if (host === "localhost") await listenToOthers(bound);
      return bound;
    },
    close: async () => void (await Promise.all(servers.map(closed))),
    closeAllConnections: () => servers.forEach((server) => server.closeAllConnections()),
  };
}

function createServer(tls: IngestTls | undefined): Server {
  if (!tls) return createHttp(LIMITS);
  const { cert, key, clientCa } = tls;
  const client = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  return createHttps({ ...LIMITS, cert, key, ...client });
}

function listenOn(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo); // a host and port are never a pipe
    });
  });
}

/** One that does not listen is closed already, which is all that its error says. */
const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
