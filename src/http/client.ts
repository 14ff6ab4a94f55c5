/** The typed client of the admin API. */
import { Pool } from "undici";
import type { z } from "zod";
import { AppError } from "../component/app-error.ts";
import type { Secret } from "../component/secret.ts";
import type { AnswerOf, Endpoint, ParamsOf, QueryOf } from "./contract/endpoint.ts";
import type { Problem } from "./contract/problem.ts";
import { errorOfProblem } from "./problem.ts";

export interface AdminClientOptions {
  readonly url: string;
  readonly token: Secret;
  /** PEM of a CA to trust besides the usual ones. */
  readonly ca?: string | undefined;
  /** PEM of the server's own certificate: then it alone is trusted, whatever names it holds. */
  readonly certificate?: string | undefined;
}

interface InputOf<E extends Endpoint> {
  readonly params?: ParamsOf<E>;
  readonly query?: { readonly [K in keyof QueryOf<E>]?: QueryOf<E>[K] | undefined };
  readonly body?: z.input<NonNullable<E["body"]>>;
}

export interface AdminClient {
  /** Throws the AppError that the problem document names; `unreachable` without an answer. */
  call<E extends Endpoint>(endpoint: E, input: InputOf<E>): Promise<AnswerOf<E>>;
  close(): Promise<void>;
}

export function createAdminClient({ url, token, ca, certificate }: AdminClientOptions): AdminClient {
  const pool = new Pool(new URL(url).origin, {
    connections: 1,
    ...(ca !== undefined && { connect: { ca } }),
    ...(certificate !== undefined && { connect: pinned(certificate) }),
  });
  return {
    async call(endpoint, input) {
      const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(String((input.params as Record<string, unknown> | undefined)?.[name])),
      );
      const { statusCode, body } = await pool
        .request({
          method: endpoint.method,
          path,
          query: withoutUndefined((input.query ?? {}) as Record<string, unknown>),
          headers: {
            authorization: `Bearer ${token.reveal()}`,
            ...(input.body !== undefined && { "content-type": "application/json" }),
          },
          ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
          bodyTimeout: 0, // a backup or a check may take long
          headersTimeout: 0,
        })
        .catch((cause: unknown) => {
          throw new AppError("unreachable", `no answer from ${url}: ${(cause as Error).message}`, { cause });
        });
      const text = await body.text();
      if (statusCode !== 200) throw errorOfProblem(problemIn(text), statusCode);
      const answer: unknown = endpoint.answerType === "text/plain" ? text : JSON.parse(text);
      return endpoint.answer.parse(answer) as AnswerOf<typeof endpoint>; // parsed by the schema of the type
    },
    close: () => pool.close(),
  };
}

const pinned = (certificate: string) => ({
  ca: certificate,
  allowPartialTrustChain: true, // it stands for itself, without the CA it is from
  checkServerIdentity: () => undefined,
});

const withoutUndefined = (query: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));

function problemIn(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return {}; // not our server's answer; the status says the rest
  }
}
