import type { z } from "zod";

/**
 * One endpoint of the admin API, said once: the routes check requests with it, the client is typed by it and the
 * OpenAPI document is generated from it. Keys on the wire are snake_case, times epoch milliseconds.
 */
export interface Endpoint<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> {
  /** Operation id, camelCase, unique. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Below the root, parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  readonly answerType?: "application/json" | "text/plain";
  /** Statuses besides 200 that carry the same answer. */
  readonly alsoAnswers?: readonly number[];
  /** Statuses answered by a problem document. */
  readonly problems: readonly number[];
}

/**
 * `open`: anyone. `token`: the admin token or the session's. `loopback`: the same, or a peer on this machine without one.
 * `metrics`: the same, or the token of `metrics:`.
 */
export type Access = "open" | "loopback" | "metrics" | "token";

export const endpoint = <
  P extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUndefined,
>(
  declaration: Endpoint<P, Q, B, A>,
): Endpoint<P, Q, B, A> => declaration;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
export type ParamsOf<E extends Endpoint> = Parsed<NonNullable<E["params"]>>;
export type QueryOf<E extends Endpoint> = Parsed<NonNullable<E["query"]>>;
export type BodyOf<E extends Endpoint> = Parsed<NonNullable<E["body"]>>;
export type AnswerOf<E extends Endpoint> = Parsed<E["answer"]>;
