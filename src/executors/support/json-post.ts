/** An executor that posts one JSON document per delivery, as most alerting services want it. */
import type { z } from "zod";
import type { Executor, ExecutorDeps, ExecutorItem } from "../../component/define-executor.ts";
import type { Secret } from "../../component/secret.ts";
import { printJson, type JsonObject } from "../../core/json.ts";
import type { Outcome } from "../../core/delivery/outcome.ts";
import { createHttpClient } from "./http-client.ts";
import type { HttpAnswer, HttpCall } from "./http-exchange.ts";
import { deliveryHeaders } from "./http-options.ts";
import { outcomeOfStatus, type OutcomeContext } from "./http-outcome.ts";
import { readPayload } from "./read-payload.ts";
import { createRedactor, redactJson, redactValues } from "./redact.ts";

export interface JsonPost {
  /** The whole address, secrets included; it may depend on the payload, which need not be valid for a preview. */
  readonly url: URL | ((payload: JsonObject) => URL);
  /** Sent with every request, secrets included. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What must not be shown of it, or of an answer. */
  readonly secrets: readonly (Secret | string)[];
  readonly payload: z.ZodType;
  /** The document of a checked payload; the payload itself without it. */
  readonly body?: (payload: JsonObject, item: ExecutorItem) => JsonObject;
  /** Outcome of an answer whose status says success; delivered without it. */
  readonly judge?: (answer: HttpAnswer, context: OutcomeContext) => Outcome;
}

export function createJsonPost(post: JsonPost, deps: ExecutorDeps): Executor {
  const redact = createRedactor([...post.secrets, ...(deps.secrets ?? [])]);
  const client = createHttpClient({}, { ...deps, redact });
  const context = { clock: deps.clock, redact };
  const bodyOf = (item: ExecutorItem): JsonObject => (post.body ? post.body(item.payload, item) : item.payload);
  const urlOf = (item: ExecutorItem): URL => (post.url instanceof URL ? post.url : post.url(item.payload));
  const headersOf = (item: ExecutorItem): Record<string, string> => ({
    ...post.headers,
    "content-type": "application/json",
    ...deliveryHeaders(item),
  });

  return {
    async execute(item, { signal }) {
      const readable = readPayload(post.payload, item.payload);
      if (!readable.ok) return readable.error;
      const { origin, pathname, search } = urlOf(item);
      const call: HttpCall = {
        method: "POST",
        origin,
        path: pathname + search,
        headers: headersOf(item),
        body: printJson(bodyOf(item)),
      };
      const answer = await client.send(call, signal);
      if (!answer.ok) return answer.error;
      const outcome = outcomeOfStatus(answer.value, context);
      return outcome.kind === "delivered" && post.judge ? post.judge(answer.value, context) : outcome;
    },
    preview: (item) => ({
      method: "POST",
      url: redact(urlOf(item).href),
      headers: redactValues(headersOf(item), redact),
      body: redactJson(bodyOf(item), redact),
    }),
    close: () => client.close(),
  };
}
