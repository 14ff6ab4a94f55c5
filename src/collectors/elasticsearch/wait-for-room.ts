/**
 * At the memory bound a request waits for room before it is refused. Some senders try only once more after 429 (Fluent
 * Bit, unless it is told otherwise), some never (rsyslog): to them a short crowd is then just a slow answer.
 *
 * The wait ends before the shortest time in which senders give an answer up (syslog-ng and the Python client: 10 s). Of a
 * request that waits only its head is known, its body is with the sender; how many wait is bounded all the same, since
 * the first piece of each body may lie in a buffer of the socket.
 */
import type { Clock } from "../../component/clock.ts";
import type { HttpRequest } from "../../component/http-mount.ts";
import { err, type Result } from "../../core/result.ts";
import { overloaded, type Refusal } from "../support/refusal.ts";
import type { ReadBody, RequestDesk } from "../support/request-desk.ts";

export interface PatientReader {
  /** As `read` of the desk, with patience. */
  readonly read: RequestDesk["read"];
  /** There may be room now, or the desk is stopping. */
  freed(): void;
}

const WAIT_MS = 5000;
const MAX_WAITING = 64;

export function createPatientReader(
  desk: Pick<RequestDesk, "read" | "full" | "stopping">,
  clock: Clock,
): PatientReader {
  /** The longest waiting first. */
  const waiting = new Set<() => void>();

  const change = async ({ signal }: HttpRequest, delayMs: number): Promise<void> => {
    let wake!: () => void;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const cancel = clock.after(delayMs, wake);
    signal.addEventListener("abort", wake);
    waiting.add(wake);
    await woken;
    waiting.delete(wake);
    signal.removeEventListener("abort", wake);
    cancel();
  };

  return {
    async read(request, encoding, held) {
      const giveUpMs = clock.monotonicMs() + WAIT_MS;
      for (;;) {
        const full = desk.full && !desk.stopping && isChunked(request);
        const body = full ? err(overloaded()) : await desk.read(request, encoding, held);
        const leftMs = giveUpMs - clock.monotonicMs();
        if (!foundNoRoom(body, request) || leftMs <= 0 || waiting.size >= MAX_WAITING) return body;
        if (request.signal.aborted) return body;
        await change(request, leftMs);
      }
    },
    freed() {
      for (const wake of waiting) wake();
    },
  };
}

/** Its length is not known beforehand; there may be no room only in the middle of it, when it is too late to wait. */
const isChunked = ({ headers }: HttpRequest): boolean => headers["transfer-encoding"] !== undefined;

/** Nothing of the body was read, so that it can be read yet. */
const foundNoRoom = (body: Result<ReadBody, Refusal>, request: HttpRequest): boolean =>
  !body.ok && body.error.code === "overloaded" && request.body.readableFlowing === null;
