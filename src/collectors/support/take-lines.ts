/** Lines of a file or a pipe → one emission: the good ones as events, the bad ones as rejected inputs with their place. */
import { z } from "zod";
import type { CollectorDeps, Emission, RejectedInput } from "../../component/define-collector.ts";
import type { InputContext } from "../../component/define-normalizer.ts";
import type { Arrival } from "../../core/event/event.ts";
import type { Json } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { BadDocument } from "./decode-documents.ts";
import type { Line } from "./line-splitter.ts";
import { jsonMessages, textMessages } from "./message-documents.ts";

export const lineCodec = () =>
  z
    .enum(["json", "text", "raw"])
    .default("json")
    .describe(
      "What a line is: `json` a document; `text` the `message` of an object; `raw` the document itself, as text, for formats that read text (`syslog`).",
    );

export type LineCodec = z.output<ReturnType<typeof lineCodec>>;

export interface LineSource {
  readonly codec: LineCodec;
  /** Unit of time and order. */
  readonly source: string;
  /** Where the line stands, which makes its identity; undefined: nowhere that lasts. */
  readonly positionOf: (line: Line) => string | undefined;
  /** The same for people, in the reason of a rejected line. */
  readonly whereIs: (line: Line) => string;
  /** Beside `message`, for the codec `text`. */
  readonly about: (line: Line) => Readonly<Record<string, Json>>;
}

type Deps = Pick<CollectorDeps, "id" | "intake" | "limits" | "clock" | "countRejected" | "logger">;

/** Null: there was nothing but blank lines. */
export function takeLines(lines: readonly Line[], from: LineSource, deps: Deps): Emission | null {
  const receivedMs = deps.clock.nowMs();
  const arrivals: Arrival[] = [];
  const rejected: RejectedInput[] = [];
  for (const [index, line] of lines.entries()) {
    if (isBlank(line.bytes)) continue;
    const positionId = from.positionOf(line);
    const context = { collector: deps.id, receivedMs, ...(positionId === undefined ? {} : { positionId }) };
    const taken = takeLine(line, from, context, deps);
    if (taken.ok) {
      for (const arrival of taken.value) arrivals.push(arrival);
      continue;
    }
    deps.countRejected(taken.error.reason);
    rejected.push({
      index,
      reason: `${from.whereIs(line)}: ${taken.error.message}`,
      sample: line.bytes.toString("utf8", 0, SAMPLE_BYTES),
    });
  }
  if (arrivals.length === 0 && rejected.length === 0) return null;
  return { arrivals, rejected, source: from.source, receivedMs, traceparent: null };
}

/** At most 64 KB as UTF-8, where a byte that is none becomes three. */
const SAMPLE_BYTES = 21_845;

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

function takeLine(
  line: Line,
  from: LineSource,
  context: InputContext,
  deps: Deps,
): Result<readonly Arrival[], BadDocument> {
  if (line.tooLong)
    return err({
      reason: "too_large",
      message: `a line of ${line.length} bytes; accepted are up to ${deps.limits.maxBodyBytes}`,
    });
  const document = decode(line, from, deps);
  if (!document.ok) return document;
  try {
    const taken = deps.intake(document.value, context);
    return taken.ok ? taken : err({ reason: "unreadable", message: taken.error });
  } catch (error) {
    deps.logger.error({ err: error }, "a line met a bug in normalizer or mapping");
    return err({ reason: "unreadable", message: "internal: the line met a bug; the log has the details" });
  }
}

function decode({ bytes, ...place }: Line, { codec, about }: LineSource, deps: Deps): Result<Json, BadDocument> {
  if (codec === "json") return jsonMessages(deps.limits.jsonDepth)(bytes);
  const text = textMessages(bytes);
  return codec === "raw" || !text.ok ? text : ok({ ...about({ bytes, ...place }), message: text.value });
}
