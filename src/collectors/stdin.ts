/**
 * Lines of standard input, as in `cat events.ndjson | squall serve --stdin` or as rsyslog's `omprog`. A pipe cannot be
 * asked to repeat, so what was read is tried until it is committed, and meanwhile nothing more is read: the writer waits.
 */
import { z } from "zod";
import { defineCollector } from "../component/define-collector.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import { createLineSplitter, type Line } from "./support/line-splitter.ts";
import { lineCodec, takeLines } from "./support/take-lines.ts";

export const stdin = defineCollector({
  type: "stdin",
  summary: "Reads lines from standard input.",
  options: z.strictObject({
    codec: lineCodec(),
    at_end: z
      .enum(["stop", "stay"])
      .default("stop")
      .describe("What happens at the end of the input: the process stops when all is delivered, or it stays."),
  }),
  guarantees:
    "Nothing more is read until what was read is committed. What was read and not yet committed is lost with the process: a pipe does not repeat.",
  examples: [
    { title: "What rsyslog's omprog writes, one JSON object a line", file: { id: "rsyslog", type: "stdin" } },
    { title: "Lines that are no JSON", file: { id: "lines", type: "stdin", codec: "text", at_end: "stay" } },
  ],
  create({ codec, at_end: atEnd }, deps) {
    const { id, logger } = deps;
    const whereIs = ({ start }: Line): string => `byte ${start}`;
    const from = { codec, source: id, positionOf: () => undefined, whereIs, about: () => ({}) };
    const stopping = new AbortController();
    let reading: Promise<void> = Promise.resolve();

    const commit = async (lines: readonly Line[]): Promise<void> => {
      const emission = takeLines(lines, from, deps);
      if (emission) await emitUntilCommitted(emission, deps, stopping.signal);
    };

    async function read(): Promise<void> {
      const input = deps.process.stdin();
      const { maxBodyBytes, maxInFlightBytes } = deps.limits;
      const splitter = createLineSplitter(maxBodyBytes);
      const end = (): void => void input.destroy();
      stopping.signal.addEventListener("abort", end);
      try {
        for await (const chunk of input) {
          const bytes = chunk as Buffer; // no encoding was set
          for (let at = 0; at < bytes.length; at += maxInFlightBytes) {
            await commit(splitter.push(bytes.subarray(at, at + maxInFlightBytes)));
            if (stopping.signal.aborted) return;
          }
        }
        const last = splitter.end();
        if (last) await commit([last]);
        logger.info({}, "standard input has ended");
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.error({ err: error }, "standard input cannot be read any more");
        deps.health.raise(`collector:${id}`, "unreadable", (error as Error).message);
      } finally {
        stopping.signal.removeEventListener("abort", end);
      }
      if (atEnd === "stop" && !stopping.signal.aborted) deps.process.finish("standard input has ended");
    }

    return {
      async start() {
        reading = read();
      },
      async stop() {
        stopping.abort();
        await reading;
      },
    };
  },
});
