/**
 * A TCP or TLS listener of a collector: accepts connections up to a number, checks certificates, hands each connection
 * to a session, and stops within its time whatever the peers do.
 */
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { AppError } from "../../component/app-error.ts";
import type { CollectorDeps } from "../../component/define-collector.ts";
import type { ListenerOptions } from "./listener-options.ts";
import { waitMs } from "./wait-ms.ts";

export interface Peer {
  readonly socket: Socket;
  readonly remoteAddress: string;
  /** Subject CN of the verified client certificate. */
  readonly clientCertificate: string | null;
}

/** What serves one connection. Its socket is ended for it. */
export interface Session {
  /** Resolves when nothing is left to do, never rejects. */
  readonly done: Promise<void>;
  /** Takes nothing more, settles what was taken. */
  stop(): void;
}

export interface StreamServer {
  start(): Promise<void>;
  stop(): Promise<void>;
}

type Deps = Pick<CollectorDeps, "id" | "clock" | "logger" | "metrics" | "countRejected">;

const READ_AHEAD_BYTES = 64 * 1024;
const HANDSHAKE_MS = 15_000;
/** For a peer to take what was written to it last. */
const FAREWELL_MS = 1000;

export function createStreamServer(options: ListenerOptions, deps: Deps, serve: (peer: Peer) => Session): StreamServer {
  const sessions = new Map<Socket, Session>();
  const farewells = new Set<Promise<void>>();
  /** Those in a TLS handshake, which have no session, are among them. */
  const sockets = new Set<Socket>();
  const open = deps.metrics.gauge(
    "squall_collector_connections",
    "Open connections of a collector that listens itself.",
    ["collector"],
  );
  let server: Server | undefined;
  let stopping = false;

  function accept(socket: Socket): void {
    socket.on("error", (error) => deps.logger.debug({ reason: error.message }, "a connection failed"));
    if (stopping) return void socket.destroy();
    const clientCertificate = subjectOf(socket);
    if (!isLetIn(options, clientCertificate)) {
      deps.countRejected("unauthorized");
      return void socket.destroy();
    }
    const session = serve({ socket, remoteAddress: socket.remoteAddress ?? "", clientCertificate });
    sessions.set(socket, session);
    open.set({ collector: deps.id }, sessions.size);
    const end = session.done.then(async () => {
      await sayFarewell(socket, deps);
      sessions.delete(socket);
      open.set({ collector: deps.id }, sessions.size);
      farewells.delete(end);
    });
    farewells.add(end);
  }

  return {
    async start() {
      server = await create(options, accept, deps);
      server.maxConnections = options.max_connections;
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      server.on("drop", () => deps.countRejected("overloaded"));
      const { address, port } = await listen(server, options, deps.id);
      server.on("error", (error) => deps.logger.error({ err: error }, "the listener failed"));
      deps.logger.info({ address, port, transport: options.tls ? "tls" : "tcp" }, "listening");
    },
    async stop() {
      stopping = true;
      const closed = server?.listening ? new Promise<void>((resolve) => server?.close(() => resolve())) : undefined;
      for (const session of sessions.values()) session.stop();
      await Promise.all(farewells);
      for (const socket of sockets) socket.destroy();
      await closed;
      open.remove({ collector: deps.id });
    },
  };
}

async function create(options: ListenerOptions, accept: (socket: Socket) => void, deps: Deps): Promise<Server> {
  // Half open: a sender that ends its side still gets its acknowledgements.
  const sockets = { allowHalfOpen: true, noDelay: true, keepAlive: true, highWaterMark: READ_AHEAD_BYTES };
  if (!options.tls) return createServer(sockets, accept);
  const { cert_file, key_file, client_ca_file } = options.tls;
  const [cert, key, ca] = await Promise.all([
    read(cert_file),
    read(key_file),
    client_ca_file === undefined ? undefined : read(client_ca_file),
  ]);
  const client = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  try {
    const server = createTlsServer({ ...sockets, cert, key, ...client, handshakeTimeout: HANDSHAKE_MS }, accept);
    server.on("tlsClientError", (error) => {
      deps.countRejected("unauthorized");
      deps.logger.debug({ reason: error.message }, "a TLS handshake failed");
    });
    return server;
  } catch (cause) {
    throw new AppError("configuration", `tls of collector ${deps.id}: ${(cause as Error).message}`, { cause });
  }
}

const read = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new AppError("configuration", `cannot read ${file}: ${cause.code}`, { cause });
  });

function listen(server: Server, { host, port }: ListenerOptions, id: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(cause, { host, port }, id)));
    server.listen({ host: host.replace(/^\[|\]$/g, ""), port }, () => {
      server.removeAllListeners("error");
      resolve(server.address() as AddressInfo); // a host and port are never a pipe
    });
  });
}

export function listenError(
  cause: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
  id: string,
): AppError {
  const taken = cause.code === "EADDRINUSE";
  return new AppError(
    taken ? "port_taken" : "configuration",
    `collector ${id} cannot listen at ${host}:${port}: ${taken ? "the address is in use" : (cause.code ?? cause.message)}`,
    { cause },
  );
}

function subjectOf(socket: Socket): string | null {
  if (!("encrypted" in socket)) return null;
  const tls = socket as TLSSocket; // only these are encrypted
  if (!tls.authorized) return null;
  const name = tls.getPeerCertificate().subject?.CN;
  return (Array.isArray(name) ? name[0] : name) ?? null;
}

const isLetIn = ({ auth }: ListenerOptions, subject: string | null): boolean => {
  if (typeof auth !== "object") return true; // with client_ca_file the handshake has seen to it
  const { subjects } = auth.client_certificate;
  return subject !== null && (subjects.length === 0 || subjects.includes(subject));
};

/** Ends our side, reads what may still come (an unread byte would turn the end into a reset), and does not wait long. */
async function sayFarewell(socket: Socket, { clock }: Pick<CollectorDeps, "clock">): Promise<void> {
  if (socket.closed) return;
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  socket.removeAllListeners("readable");
  socket.on("data", () => undefined);
  socket.resume();
  if (!socket.destroyed) socket.end();
  await waitMs(clock, FAREWELL_MS, gone.signal);
  socket.destroy();
}
