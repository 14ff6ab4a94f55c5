/**
 * Indexer acknowledgement. Each channel numbers its requests from 0, and a number is given only after the commit: so
 * every number below the next one is done, and nothing else need be kept of a channel. Channels are bounded, and end when
 * nobody has used them for a while; what is asked of a channel that ended is answered false, and its sender repeats.
 */
export interface AckChannels {
  /** The number of a request that is committed. */
  next(channel: string): number;
  isDone(channel: string, ackId: number): boolean;
}

export function createAckChannels(
  limits: { readonly maxChannels: number; readonly idleMs: number },
  nowMs: () => number,
): AckChannels {
  /** The longest unused first. */
  const channels = new Map<string, { next: number; usedMs: number }>();

  const touch = (channel: string, next: number): void => {
    channels.delete(channel);
    channels.set(channel, { next, usedMs: nowMs() });
  };
  const expire = (): void => {
    const oldestMs = nowMs() - limits.idleMs;
    for (const [channel, { usedMs }] of channels) {
      if (usedMs > oldestMs && channels.size <= limits.maxChannels) return;
      channels.delete(channel);
    }
  };

  return {
    next(channel) {
      expire();
      const ackId = channels.get(channel)?.next ?? 0;
      touch(channel, ackId + 1);
      expire();
      return ackId;
    },
    isDone(channel, ackId) {
      expire();
      const found = channels.get(channel);
      if (!found) return false;
      touch(channel, found.next);
      return Number.isInteger(ackId) && ackId >= 0 && ackId < found.next;
    },
  };
}

const CHANNEL = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Undefined: none was given. Null: it is no GUID. */
export function channelOf(
  headers: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
): string | null | undefined {
  const text = headers["x-splunk-request-channel"] ?? query.get("channel") ?? undefined;
  if (text === undefined || text === "") return undefined;
  return typeof text === "string" && CHANNEL.test(text) ? text.toLowerCase() : null;
}
