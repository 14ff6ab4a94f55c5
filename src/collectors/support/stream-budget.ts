/**
 * Bytes in hand of a collector whose senders stream. Where a request can be refused, a stream can only be read later,
 * so taking more waits until there is room, first come, first served.
 *
 * Waiting alone could stand still: many half-received windows may fill the bound, and none of them would ever be
 * complete. So when nothing is on its way to the store (which will give its bytes back without further input), the first
 * in the queue may pass the bound until the whole is below it again. There is never more than one such, so the
 * most that is held is the bound and one window.
 */
export interface StreamBudget {
  readonly used: number;
  hold(): StreamHold;
}

/** What one connection holds of the budget. */
export interface StreamHold {
  /** Counts the bytes, at once (undefined) or when there is room. */
  acquire(bytes: number): Promise<void> | undefined;
  /** For what cannot wait: false when there is no room now. */
  tryAcquire(bytes: number): boolean;
  release(bytes: number): void;
  /** From here to `settled` what is held will be released without further input. */
  settling(): void;
  settled(): void;
  /** Nothing more will be taken: whoever waits goes on, and nothing is counted any more. */
  cancel(): void;
  /** Gives everything back. */
  close(): void;
}

interface Waiting {
  readonly hold: StreamHold;
  readonly bytes: number;
  readonly take: () => void;
}

export function createStreamBudget(maxBytes: number): StreamBudget {
  const queue: Waiting[] = [];
  let used = 0;
  let settlements = 0;
  /** The one that may pass the bound. */
  let beyond: StreamHold | null = null;

  const fits = (hold: StreamHold, bytes: number): boolean => {
    if (used + bytes <= maxBytes || beyond === hold) return true;
    if (beyond !== null || settlements > 0) return false;
    beyond = hold;
    return true;
  };
  const next = (): void => {
    if (used <= maxBytes) beyond = null;
    while (queue.length > 0 && fits(queue[0]!.hold, queue[0]!.bytes)) queue.shift()!.take();
  };

  function hold(): StreamHold {
    let held = 0;
    let cancelled = false;
    let closed = false;
    const add = (bytes: number): void => {
      used += bytes;
      held += bytes;
    };
    const own: StreamHold = {
      acquire(bytes) {
        if (cancelled) return undefined;
        if (beyond === own || (queue.length === 0 && fits(own, bytes))) {
          add(bytes);
          return undefined;
        }
        return new Promise((resolve) => {
          const take = (): void => {
            if (!cancelled) add(bytes);
            resolve();
          };
          queue.push({ hold: own, bytes, take });
          next();
        });
      },
      tryAcquire(bytes) {
        if (cancelled || used + bytes > maxBytes) return false;
        add(bytes);
        return true;
      },
      release(bytes) {
        if (closed) return;
        used -= bytes;
        held -= bytes;
        next();
      },
      settling: () => void settlements++,
      settled() {
        settlements--;
        next();
      },
      cancel() {
        cancelled = true;
        for (const waiting of queue.filter((each) => each.hold === own)) {
          queue.splice(queue.indexOf(waiting), 1);
          waiting.take();
        }
        next();
      },
      close() {
        if (closed) return;
        own.cancel();
        closed = true;
        used -= held;
        if (beyond === own) beyond = null;
        next();
      },
    };
    return own;
  }

  return {
    get used() {
      return used;
    },
    hold,
  };
}
