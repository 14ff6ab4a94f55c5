/**
 * Inputs → arrivals. Each event has `metadata.splunk`: host, source, sourcetype, index and fields, as far as they were
 * said. Their time is the event's, unless the normalizer found one in the document. Of several inputs the good ones are
 * taken, and a bad one is a dead letter; the sender is told of the first bad one. Splunk itself stops there; but its
 * senders give up on the whole request then, and what is behind would be lost.
 */
import { setImmediate } from "node:timers/promises";
import type { CollectorDeps, RejectedInput } from "../../component/define-collector.ts";
import type { InputContext } from "../../component/define-normalizer.ts";
import type { Arrival } from "../../core/event/event.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BatchContext } from "../support/take-in.ts";
import type { BadInput, HecInput, HecInputs } from "./hec-inputs.ts";
import type { HecAnswer } from "./hec-reply.ts";

export interface TakenInputs {
  readonly arrivals: readonly Arrival[];
  readonly rejected: readonly RejectedInput[];
  readonly firstBad: { readonly answer: HecAnswer; readonly index: number } | null;
}

type Deps = Pick<CollectorDeps, "intake" | "countRejected" | "logger">;

const SLICE_INPUTS = 200;
const SLICE_BYTES = 256 * 1024;
const SAMPLE_CHARACTERS = 16 * 1024;
const INTERNAL = "internal: the document met a bug; the log has the details";

export async function takeInputs(inputs: HecInputs, context: BatchContext, deps: Deps): Promise<TakenInputs> {
  const arrivals: Arrival[] = [];
  const rejected: RejectedInput[] = [];
  let firstBad: TakenInputs["firstBad"] = null;
  let sliceInputs = 0;
  let sliceBytes = 0;
  const { count } = inputs;
  for (let index = 0; index < count; index++) {
    // The sender named the whole request, so each document gets a name of its own.
    const { inputId } = context;
    const own = inputId === undefined || count === 1 ? context : context.of(`${inputId}#${index}`);
    const input = inputs.read(index);
    const taken = input.ok ? takeInput(input.value, own, deps) : input;
    if (taken.ok) for (const arrival of taken.value) arrivals.push(arrival);
    else {
      const { answer, reason } = taken.error;
      deps.countRejected(answer === "invalidFormat" && !input.ok ? "bad_json" : "unreadable");
      firstBad ??= { answer, index };
      // Alone it is refused, and its sender has it still; but not when the trouble is not the sender's.
      if (count > 1 || reason === INTERNAL)
        rejected.push({ index, reason, sample: inputs.text(index).slice(0, SAMPLE_CHARACTERS) });
    }
    sliceBytes += inputs.bytesOf(index);
    if (++sliceInputs >= SLICE_INPUTS || sliceBytes >= SLICE_BYTES) {
      sliceInputs = sliceBytes = 0;
      await setImmediate();
    }
  }
  return { arrivals, rejected, firstBad };
}

function takeInput(input: HecInput, context: InputContext, deps: Deps): Result<readonly Arrival[], BadInput> {
  const { document, timeMs, metadata: splunk } = input;
  try {
    const taken = deps.intake(document, context);
    if (!taken.ok) return err({ answer: "invalidFormat", reason: taken.error });
    return ok(
      taken.value.map((arrival) => {
        const { created_ms: createdMs, metadata } = arrival.event;
        const event = {
          ...arrival.event,
          created_ms: createdMs === context.receivedMs ? (timeMs ?? createdMs) : createdMs,
          metadata: { splunk, ...metadata },
        };
        return { ...arrival, event };
      }),
    );
  } catch (error) {
    deps.logger.error({ err: error }, "a document met a bug in normalizer or mapping");
    // Not 500: the same comes of every try.
    return err({ answer: "invalidFormat", reason: INTERNAL });
  }
}
