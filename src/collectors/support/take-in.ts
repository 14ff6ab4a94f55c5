/** Documents → arrivals and rejected inputs, in slices, so that a large batch does not hold the event loop. */
import { setImmediate } from "node:timers/promises";
import type { CollectorDeps, RejectedInput } from "../../component/define-collector.ts";
import type { InputContext } from "../../component/define-normalizer.ts";
import type { Arrival } from "../../core/event/event.ts";
import type { Json } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BadDocument, Documents } from "./decode-documents.ts";
import { refusal, type Refusal } from "./refusal.ts";

export interface Taken<C extends InputContext = InputContext> {
  readonly arrivals: readonly Arrival[];
  readonly rejected: readonly RejectedInput[];
  /** Documents, not events: one document may be several. */
  readonly accepted: number;
  readonly context: C;
}

/** A context that can name one document of several. */
export interface BatchContext extends InputContext {
  of(inputId: string): InputContext;
}

/** Between two breaths of the event loop: a few milliseconds, even if each document is mapped at length. */
const SLICE_DOCUMENTS = 200;
const SLICE_BYTES = 256 * 1024;
const SAMPLE_BYTES = 64 * 1024;

type Deps = Pick<CollectorDeps, "intake" | "countRejected" | "logger">;

/** A bad document that came alone is refused; one of a list is rejected beside the others. At once if it can be. */
export function takeIn<C extends BatchContext>(
  documents: Documents,
  context: C,
  deps: Deps,
): Result<Taken<C>, Refusal> | Promise<Result<Taken<C>, Refusal>> {
  return documents.batch ? takeAll(documents, context, deps) : takeOne(documents, context, deps);
}

async function takeAll<C extends BatchContext>(
  documents: Documents,
  context: C,
  deps: Deps,
): Promise<Result<Taken<C>, Refusal>> {
  const arrivals: Arrival[] = [];
  const rejected: RejectedInput[] = [];
  const { count } = documents;
  const { inputId } = context;
  let sliceDocuments = 0;
  let sliceBytes = 0;
  for (let index = 0; index < count; index++) {
    // The sender named the whole batch, so each document gets a name of its own.
    const own = inputId === undefined || count === 1 ? context : context.of(`${inputId}#${index}`);
    const parsed = documents.parse(index);
    const taken = parsed.ok ? intakeOf(parsed.value, own, deps) : parsed;
    if (taken.ok) {
      for (const arrival of taken.value) arrivals.push(arrival);
    } else {
      deps.countRejected(taken.error.reason);
      rejected.push({ index, reason: taken.error.message, sample: sampleOf(documents, index) });
    }
    sliceBytes += documents.bytesOf(index);
    if (++sliceDocuments >= SLICE_DOCUMENTS || sliceBytes >= SLICE_BYTES) {
      sliceDocuments = sliceBytes = 0;
      if (index + 1 < count) await setImmediate();
    }
  }
  return ok({ arrivals, rejected, accepted: count - rejected.length, context });
}

function takeOne<C extends BatchContext>(documents: Documents, context: C, deps: Deps): Result<Taken<C>, Refusal> {
  const parsed = documents.parse(0);
  const taken = parsed.ok ? intakeOf(parsed.value, context, deps) : parsed;
  if (taken.ok) return ok({ arrivals: taken.value, rejected: [], accepted: 1, context });
  const { reason, message } = taken.error;
  if (message !== INTERNAL) return err(refusal("bad_input", reason, message));
  // Not the sender's mistake and the same at every try: kept as a dead letter, and acknowledged.
  deps.countRejected(reason);
  const rejected = [{ index: 0, reason: INTERNAL, sample: sampleOf(documents, 0) }];
  return ok({ arrivals: [], rejected, accepted: 0, context });
}

const INTERNAL = "internal: the document met a bug; the log has the details";

function intakeOf(document: Json, context: InputContext, deps: Deps): Result<readonly Arrival[], BadDocument> {
  try {
    const taken = deps.intake(document, context);
    return taken.ok ? taken : err({ reason: "unreadable", message: taken.error });
  } catch (error) {
    deps.logger.error({ err: error }, "a document met a bug in normalizer or mapping");
    return err({ reason: "unreadable", message: INTERNAL });
  }
}

function sampleOf(documents: Documents, index: number): string {
  const text = documents.text(index).slice(0, SAMPLE_BYTES);
  const bytes = Buffer.from(text);
  return bytes.length <= SAMPLE_BYTES ? text : bytes.toString("utf8", 0, SAMPLE_BYTES).replace(/\uFFFD$/, "");
}
