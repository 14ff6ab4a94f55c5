import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { AppError } from "../../component/app-error.ts";
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from "../contract/endpoint.ts";

export interface Call<E extends Endpoint> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
}

/** Registers an endpoint: checks what was asked by its schemas, sends what the handler answers. */
export function serveEndpoint<E extends Endpoint>(
  server: FastifyInstance,
  endpoint: E,
  handle: (call: Call<E>) => Promise<AnswerOf<E> | { readonly status: number; readonly answer: AnswerOf<E> }>,
): void {
  server.route({
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { access: endpoint.access },
    async handler(request, reply) {
      const call = {
        params: parse(endpoint.params, request.params, "path"),
        query: parse(endpoint.query ?? z.strictObject({}), request.query, "query"),
        body: parse(endpoint.body, request.body, "body"),
      } as Call<E>; // parsed by the very schemas that the type is derived from
      const answered = await handle(call);
      const { status, answer } = withStatus(answered, endpoint.alsoAnswers);
      if (endpoint.answerType === "text/plain")
        return reply.code(status).type("text/plain; version=0.0.4; charset=utf-8").send(answer);
      return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  });
}

/** A handler names a status only where the endpoint declares more than 200. */
function withStatus(answered: unknown, more: readonly number[] | undefined): { status: number; answer: unknown } {
  if (more === undefined) return { status: 200, answer: answered };
  return answered as { status: number; answer: unknown };
}

function parse(schema: z.ZodType | undefined, found: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new AppError("bad_request", `${where}: ${problems.join("; ")}`);
}
