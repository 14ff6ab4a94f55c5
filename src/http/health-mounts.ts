/** `/health/*` on the ingest listener, status only, and `/metrics` there when the settings say so. */
import type { HttpHandler, HttpMount, HttpReply, HttpRequest } from "../component/http-mount.ts";
import type { Secret } from "../component/secret.ts";
import { AppError } from "../component/app-error.ts";
import { hashToken, isKnown } from "./admin-access.ts";
import { problemOf, PROBLEM_TYPE } from "./problem.ts";

export interface HealthMountOptions {
  readonly ready: () => boolean;
  /** Given: metrics are served here too, to whoever shows this token. */
  readonly metrics: { readonly token: Secret; readonly text: () => Promise<string> } | null;
}

export function mountHealth(http: HttpMount, { ready, metrics }: HealthMountOptions): void {
  http.mount(
    "/health/live",
    onlyGet(async () => ({ status: 200, body: '{"status":"live"}' })),
  );
  http.mount(
    "/health/ready",
    onlyGet(async () =>
      ready() ? { status: 200, body: '{"status":"ready"}' } : { status: 503, body: '{"status":"not_ready"}' },
    ),
  );
  if (!metrics) return;
  const known = [hashToken(metrics.token.reveal())];
  http.mount(
    "/metrics",
    onlyGet(async ({ headers }) => {
      const { authorization } = headers;
      const token = typeof authorization === "string" ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
      if (token === undefined || !isKnown(token, known))
        return problem(
          new AppError(
            "unauthorized",
            "the metrics token is missing or wrong; accepted: Authorization: Bearer <token>",
          ),
          { "www-authenticate": 'Bearer realm="squall"' },
        );
      return {
        status: 200,
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
        body: await metrics.text(),
      };
    }),
  );
}

const onlyGet =
  (handler: (request: HttpRequest) => Promise<HttpReply>): HttpHandler =>
  async (request) => {
    if (request.method === "GET") return handler(request);
    if (request.method === "HEAD") return { ...(await handler(request)), body: "" };
    return problem(new AppError("method_not_allowed", `${request.method} is not possible here; accepted: GET`), {
      allow: "GET, HEAD",
    });
  };

function problem(error: AppError, headers: Readonly<Record<string, string>>): HttpReply {
  const document = problemOf(error);
  return {
    status: document.status,
    headers: { "content-type": PROBLEM_TYPE, ...headers },
    body: JSON.stringify(document),
  };
}
