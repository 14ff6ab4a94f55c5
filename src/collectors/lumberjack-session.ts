/**
 * One connection of Lumberjack. Windows are read ahead while the one before is on its way to the store (Beats send two),
 * events are committed and acknowledged strictly in order: an acknowledgement names the last event up to which all
 * are committed, never one above the window.
 *
 * A Beat that hears nothing for 30 s closes, and sends everything outstanding again. So while anything is pending, every
 * 5 s an acknowledgement of event 0 tells it to go on waiting. For the same reason a commit that fails is tried again
 * here, and the connection stays open: closing would make a Beat reconnect every second or two for ever, sending both
 * of its windows each time and in alternating order, while a held connection costs six bytes every five seconds.
 */
import type { CollectorDeps } from "../component/define-collector.ts";
import type { InputContext } from "../component/define-normalizer.ts";
import { ACK_LETTER, readFrames, type Frame, type FrameLimits } from "./lumberjack-frames.ts";
import { createByteReader } from "./support/byte-reader.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import { jsonMessages, messageDocuments, type Message } from "./support/message-documents.ts";
import type { ReportFault } from "./support/report-fault.ts";
import { createPatience } from "./support/patience.ts";
import type { StreamBudget } from "./support/stream-budget.ts";
import { StreamFault } from "./support/stream-fault.ts";
import type { Peer, Session } from "./support/stream-server.ts";
import { takeIn } from "./support/take-in.ts";

export interface LumberjackLimits extends FrameLimits {
  readonly maxWindow: number;
  readonly receiveTimeoutMs: number;
}

/** Events that are committed together: a window, or a part of a large one. */
interface Part {
  readonly events: readonly Message[];
  readonly held: number;
  readonly version: number;
  readonly lastSequence: number;
}

interface Window {
  readonly version: number;
  readonly count: number;
  received: number;
  events: Message[];
  held: number;
}

const KEEP_ALIVE_MS = 5000;
/** A window above this is committed in parts: about what 2,000 events of a few KB are. */
const PART_BYTES = 4 * 1024 * 1024;
/** The part being committed, and the one after it. */
const PARTS_IN_HAND = 2;
const VERSION_2 = 0x32;

export function serveLumberjack(
  peer: Peer,
  budget: StreamBudget,
  limits: LumberjackLimits,
  report: ReportFault,
  deps: CollectorDeps,
): Session {
  const { socket } = peer;
  const hold = budget.hold();
  /** Aborted when nothing more is to be taken or tried: the peer is gone, or we stop. */
  const over = new AbortController();
  const decode = jsonMessages(deps.limits.jsonDepth);
  const parts: Part[] = [];
  let window: Window | null = null;
  let lastSequence = 0;
  let readingEnded = false;
  let cancelKeepAlive: (() => void) | null = null;
  /** Wakes whoever waits for the list of parts to change. */
  let changed: (() => void)[] = [];

  const context = {
    collector: deps.id,
    receivedMs: 0,
    remoteAddress: peer.remoteAddress,
    ...(peer.clientCertificate === null ? {} : { clientCertificate: peer.clientCertificate }),
  };
  const patience = createPatience(limits.receiveTimeoutMs, deps.clock, () =>
    close(new StreamFault("timeout", `nothing complete within ${limits.receiveTimeoutMs} ms`)),
  );
  const reader = createByteReader(socket, {
    acquire: hold.acquire,
    waiting: () => patience.waiting(window !== null || reader.size > 0),
  });
  socket.once("close", () => end());

  const wake = (): void => {
    const waiting = changed;
    changed = [];
    for (const resolve of waiting) resolve();
  };
  const change = (): Promise<void> => new Promise((resolve) => changed.push(resolve));

  function end(): void {
    over.abort();
    reader.stop();
    hold.cancel();
    wake();
  }

  function close(fault: StreamFault): void {
    if (over.signal.aborted) return;
    over.abort();
    report(fault, peer.remoteAddress);
    socket.destroy();
  }

  async function read(): Promise<void> {
    try {
      for await (const frame of readFrames(reader, hold, limits)) {
        if (frame.type === "window") await openWindow(frame);
        else await take(frame);
        if (over.signal.aborted) break;
      }
      if (window) throw new StreamFault("aborted", "the connection ended inside a window");
    } catch (error) {
      close(error instanceof StreamFault ? error : new StreamFault("aborted", (error as Error).message));
    } finally {
      readingEnded = true;
      wake();
    }
  }

  async function openWindow({ version, count }: Frame & { type: "window" }): Promise<void> {
    if (window)
      throw new StreamFault("bad_frame", `a window begins after ${window.received} of ${window.count} events`);
    if (count === 0) throw new StreamFault("bad_frame", "a window of 0 events");
    if (count > limits.maxWindow)
      throw new StreamFault("too_large", `a window of ${count} events; accepted: up to ${limits.maxWindow}`);
    window = { version, count, received: 0, events: [], held: 0 };
    patience.renew();
    if (!cancelKeepAlive) keepAlive();
    await room();
  }

  async function take({ sequence, json, held }: Frame & { type: "event" }): Promise<void> {
    if (!window) throw new StreamFault("bad_frame", "an event before a window");
    // It begins at 1 in each window; clients of version 1 count on.
    if (sequence !== lastSequence + 1 && !(window.received === 0 && sequence === 1))
      throw new StreamFault("bad_frame", `event ${sequence} follows event ${lastSequence}`);
    lastSequence = sequence;
    window.received++;
    window.events.push({ bytes: json });
    window.held += held;
    if (window.received < window.count && window.held < PART_BYTES) return;
    const { events, held: heldOfAll, version } = window;
    const isWhole = window.received === window.count;
    if (isWhole) {
      window = null;
      patience.renew();
    } else {
      window.events = [];
      window.held = 0;
    }
    parts.push({ events, held: heldOfAll, version, lastSequence: sequence });
    hold.settling(); // counted while it is in hand, because it will be released without further input
    wake();
    if (!isWhole) await room();
  }

  async function room(): Promise<void> {
    while (parts.length >= PARTS_IN_HAND && !over.signal.aborted) await change();
  }

  async function commit(): Promise<void> {
    for (;;) {
      const part = parts[0];
      if (over.signal.aborted) break;
      if (part) {
        if (await commitPart(part)) await acknowledge(part);
        dropFirst();
      } else if (readingEnded) break;
      else await change();
    }
    while (parts.length > 0) dropFirst(); // not acknowledged: the sender has them
  }

  async function commitPart({ events }: Part): Promise<boolean> {
    const receivedMs = deps.clock.nowMs();
    const taken = await takeIn(messageDocuments(events, decode), contextOf(receivedMs), deps);
    if (!taken.ok) throw new Error(`a batch was refused as one: ${taken.error.detail}`); // batches never are
    const { arrivals, rejected } = taken.value;
    if (arrivals.length === 0 && rejected.length === 0) return true;
    const emission = { arrivals, rejected, source: deps.id, receivedMs, traceparent: null };
    return emitUntilCommitted(emission, deps, over.signal);
  }

  const contextOf = (receivedMs: number): InputContext & { of(): InputContext } => {
    const own = { ...context, receivedMs };
    return { ...own, of: () => own };
  };

  function dropFirst(): void {
    const part = parts.shift()!;
    hold.release(part.held);
    hold.settled();
    if (parts.length === 0 && window === null) stopKeepAlive();
    wake();
  }

  async function acknowledge({ version, lastSequence: sequence }: Part): Promise<void> {
    if (!write(version, sequence)) await drained();
  }

  function write(version: number, sequence: number): boolean {
    if (!socket.writable) return true;
    const frame = Buffer.from([version, ACK_LETTER, 0, 0, 0, 0]);
    frame.writeUInt32BE(sequence, 2);
    return socket.write(frame);
  }

  /** A sender that does not read its acknowledgements gets no more of them. */
  async function drained(): Promise<void> {
    const done = patience.waiting(true);
    await new Promise<void>((resolve) => {
      socket.once("drain", resolve);
      socket.once("close", resolve);
    });
    done();
  }

  function keepAlive(): void {
    cancelKeepAlive = deps.clock.after(KEEP_ALIVE_MS, () => {
      cancelKeepAlive = null;
      const version = parts[0]?.version ?? window?.version;
      if (version === undefined || over.signal.aborted) return;
      if (version === VERSION_2) write(version, 0);
      keepAlive();
    });
  }

  function stopKeepAlive(): void {
    cancelKeepAlive?.();
    cancelKeepAlive = null;
  }

  async function run(): Promise<void> {
    try {
      await Promise.all([read(), commit()]);
    } catch (error) {
      deps.logger.error({ err: error }, "a connection met a bug");
      socket.destroy();
    } finally {
      stopKeepAlive();
      hold.close();
    }
  }

  return {
    done: run(),
    stop: end,
  };
}
