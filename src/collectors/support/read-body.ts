/** Reads a request body into one buffer: bounded, counted against the budget, and able to stop half-way. */
import type { Readable } from "node:stream";
import { err, ok, type Result } from "../../core/result.ts";
import type { Held } from "./byte-budget.ts";
import { overloaded, refusal, tooLarge, type Refusal } from "./refusal.ts";

export interface BodyReader {
  readonly done: Promise<Result<Buffer, Refusal>>;
  /** Ends it now with this refusal, if it has not ended. */
  stop(why: Refusal): void;
}

/** `declared` bytes (Content-Length) are already held; 0 when unknown. */
export function readBody(body: Readable, maxBytes: number, held: Held, declared: number): BodyReader {
  let settle!: (result: Result<Buffer, Refusal>) => void;
  const done = new Promise<Result<Buffer, Refusal>>((resolve) => (settle = resolve));
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let size = 0;
  let ended = false;

  const stop = (why: Refusal): void => {
    if (ended) return;
    ended = true;
    first = more = undefined;
    body.off("data", onData);
    body.resume(); // the rest is read and thrown away, so that the sender gets to read its answer
    settle(err(why));
  };
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxBytes) return stop(tooLarge(maxBytes));
    if (size > declared && !held.add(Math.min(chunk.length, size - declared))) return stop(overloaded());
    if (!first) first = chunk;
    else (more ??= [first]).push(chunk);
  };
  const onEnd = (): void => {
    if (ended) return;
    ended = true;
    settle(ok(more ? Buffer.concat(more, size) : (first ?? Buffer.alloc(0))));
  };
  const onGone = (): void => stop(refusal("bad_request", "aborted", "the sender went away before the end of the body"));
  body.on("data", onData);
  body.on("end", onEnd);
  body.on("error", onGone);
  body.on("close", onGone);
  if (body.destroyed) onGone();
  return { done, stop };
}
