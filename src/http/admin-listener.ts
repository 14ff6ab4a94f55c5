/** The admin listener: API, `/health` and `/metrics`, with fastify. Collectors have a listener of their own. */
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { AppError } from "../component/app-error.ts";
import type { Logger } from "../component/logger.ts";
import { type AccessRules, checkAccess } from "./admin-access.ts";
import type { AdminPorts } from "./admin-ports.ts";
import type { Access } from "./contract/endpoint.ts";
import { noSchemas } from "./no-schemas.ts";
import { problemOf, PROBLEM_TYPE } from "./problem.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { executorRoutes } from "./routes/executors.ts";
import { generationRoutes } from "./routes/generation.ts";
import { healthRoutes } from "./routes/health.ts";
import { openapiRoutes } from "./routes/openapi.ts";
import { storeRoutes } from "./routes/store.ts";

export interface AdminListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: AdminTls | null;
  readonly access: Omit<AccessRules, "certificates">;
}

/** PEM texts. */
export interface AdminTls {
  readonly cert: string;
  readonly key: string;
  /** Given: peers that are not on this machine need a certificate of this authority. */
  readonly clientCa?: string | undefined;
}

export interface AdminListener {
  /** Resolves to the URL it listens at; AppError `port_taken`. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 90_000;
const MAX_BODY_BYTES = 1024 * 1024;

export function createAdminListener(
  options: AdminListenerOptions,
  deps: { readonly ports: AdminPorts; readonly logger: Logger },
): AdminListener {
  const base = {
    logger: false,
    schemaController: noSchemas,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
  };
  // The type tells http from https servers; the routes need neither.
  const server = (options.tls
    ? fastify({ ...base, https: tlsOptions(options.tls) })
    : fastify(base)) as unknown as FastifyInstance;
  server.server.headersTimeout = HEADERS_TIMEOUT_MS;
  const rules = { ...options.access, certificates: options.tls?.clientCa !== undefined };
  answerProblems(server, deps.logger);
  // Before the body is read; unknown paths ask for the token too, so that nobody can look for what exists.
  server.addHook("onRequest", async (request) => {
    checkAccess(accessOf(request), askerOf(request), rules);
  });
  for (const routes of [healthRoutes, openapiRoutes, generationRoutes, executorRoutes, deliveryRoutes, storeRoutes])
    routes(server, deps.ports);
  return {
    async listen() {
      try {
        await server.listen({ host: options.host, port: options.port });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
        throw new AppError("port_taken", `admin listener: ${options.host}:${options.port} is in use`, { cause });
      }
      return urlOf(server.server.address() as AddressInfo, options); // listening on host and port, so never a pipe
    },
    close: () => server.close(),
  };
}

/** Each route says in its config whom it serves. */
declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
}
const accessOf = (request: FastifyRequest): Access => request.routeOptions.config.access ?? "token";

const askerOf = ({ headers, socket }: FastifyRequest) => ({
  authorization: headers.authorization,
  host: headers.host,
  origin: headers.origin,
  remoteAddress: socket.remoteAddress,
  localAddress: socket.localAddress,
  certified: (socket as Partial<TLSSocket>).authorized === true, // of a TLS socket alone
});

function answerProblems(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((request) => {
    throw new AppError("not_found", `there is no ${request.method} ${request.url.split("?")[0]}`);
  });
  server.setErrorHandler((error, request, reply) => {
    const problem = problemOf(fromFastify(error));
    if (problem.code === "internal")
      logger.error({ err: error, path: request.url.split("?")[0] }, "admin request failed");
    if (problem.status === 401) void reply.header("www-authenticate", 'Bearer realm="squall"');
    if (error instanceof AppError && error.retryAfterMs !== undefined)
      void reply.header("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
    return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  });
}

/** Fastify's own refusals (body too large, no JSON) carry a 4xx status. */
function fromFastify(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return new AppError("too_large", `the body is over ${MAX_BODY_BYTES} bytes`);
  if (statusCode === 415) return new AppError("unsupported_type", "accepted: application/json");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AppError("bad_request", message ?? "the request cannot be understood");
  return error;
}

const tlsOptions = ({ cert, key, clientCa }: AdminTls) => ({
  cert,
  key,
  // Who showed none, or a wrong one, is told so by `checkAccess`; probes need none.
  ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
});

function urlOf({ address, family, port }: AddressInfo, { tls }: AdminListenerOptions): string {
  return `${tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
