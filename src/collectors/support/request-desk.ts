/**
 * Where requests of one collector are taken in: bodies are read, bounded and inflated, bytes in flight are counted,
 * and stopping waits for what is in hand while bodies that are still coming are sent away.
 */
import type { HttpReply, HttpRequest } from "../../component/http-mount.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BodyEncoding } from "./body-format.ts";
import { createByteBudget, type Held } from "./byte-budget.ts";
import { inflate } from "./inflate.ts";
import { readBody, type BodyReader } from "./read-body.ts";
import { overloaded, refusal, tooLarge, type Refusal } from "./refusal.ts";

export interface ReadBody {
  /** As it came. */
  readonly raw: Buffer;
  /** Inflated; `raw` itself when there was nothing to inflate. */
  readonly plain: Buffer;
}

export interface RequestDesk {
  readonly stopping: boolean;
  /** No bytes can be taken now. */
  readonly full: boolean;
  /** Runs the work of one request; what it holds of the budget is given back when it ends. */
  serve(work: (held: Held) => Promise<HttpReply>): Promise<HttpReply>;
  read(request: HttpRequest, encoding: BodyEncoding, held: Held): Promise<Result<ReadBody, Refusal>>;
  /** From now on it is stopping; resolves when all work has ended. */
  drain(): Promise<void>;
}

export const SHUTTING_DOWN: Refusal = refusal("shutting_down", "unavailable", "the collector is stopping");

export function createRequestDesk(limits: {
  readonly maxBytes: number;
  readonly maxInFlightBytes: number;
}): RequestDesk {
  const { maxBytes, maxInFlightBytes } = limits;
  const budget = createByteBudget(maxInFlightBytes);
  const reading = new Set<BodyReader>();
  let inHand = 0;
  let stopping = false;
  let allDone: (() => void) | undefined;

  return {
    get stopping() {
      return stopping;
    },
    get full() {
      return budget.used >= maxInFlightBytes;
    },
    async serve(work) {
      const held = budget.hold();
      inHand++;
      try {
        return await work(held);
      } finally {
        held.release();
        if (--inHand === 0) allDone?.();
      }
    },
    async read({ headers, body }, encoding, held) {
      const declared = Number(headers["content-length"] ?? 0);
      if (declared > maxBytes) return err(tooLarge(maxBytes));
      if (stopping) return err(SHUTTING_DOWN);
      if (!held.add(declared)) return err(overloaded());
      const reader = readBody(body, maxBytes, held, declared);
      reading.add(reader);
      const raw = await reader.done;
      reading.delete(reader);
      if (!raw.ok) return raw;
      if (encoding === "identity") return ok({ raw: raw.value, plain: raw.value });
      const plain = await inflate(raw.value, encoding, maxBytes, held);
      return plain.ok ? ok({ raw: raw.value, plain: plain.value }) : plain;
    },
    async drain() {
      stopping = true;
      // Nothing of these was acknowledged, and their senders may be slow: they are told to try again.
      for (const reader of reading) reader.stop(SHUTTING_DOWN);
      if (inHand > 0) await new Promise<void>((resolve) => (allDone = resolve));
    },
  };
}
