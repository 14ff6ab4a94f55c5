/**
 * Bytes in flight of one collector. Over the bound nothing more is taken, but one request alone may always pass: its
 * own size is bounded elsewhere, and otherwise it could never be delivered.
 */
export interface ByteBudget {
  readonly used: number;
  hold(): Held;
}

/** What one request holds of the budget. */
export interface Held {
  /** False: no room; then nothing was added. */
  add(bytes: number): boolean;
  /** Gives back part of it, or all. */
  release(bytes?: number): void;
}

export function createByteBudget(maxBytes: number): ByteBudget {
  let used = 0;
  return {
    get used() {
      return used;
    },
    hold() {
      let held = 0;
      return {
        add(bytes) {
          if (used + bytes > maxBytes && used > held) return false;
          used += bytes;
          held += bytes;
          return true;
        },
        release(bytes = held) {
          used -= bytes;
          held -= bytes;
        },
      };
    },
  };
}
