/**
 * Values by text. A text that was just read has no hash yet, and to make one costs more than to compare it with a few keys,
 * or to see that no key has its length.
 */
export class TextMap<V> {
  readonly #keys: readonly string[];
  readonly #values: readonly V[];
  /** Of many. */
  readonly #byKey: ReadonlyMap<string, V> | null;
  readonly #lengths: Uint8Array;

  constructor(entries: readonly (readonly [string, V])[]) {
    this.#keys = entries.map(([key]) => key);
    this.#values = entries.map(([, value]) => value);
    this.#byKey = entries.length > FEW ? new Map(entries) : null;
    this.#lengths = new Uint8Array(LONGEST + 1);
    for (const key of this.#keys) this.#lengths[Math.min(key.length, LONGEST)] = 1;
  }

  get(text: string): V | undefined {
    if (this.#lengths[Math.min(text.length, LONGEST)] === 0) return undefined;
    if (this.#byKey !== null) return this.#byKey.get(text);
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) if (keys[i] === text) return this.#values[i];
    return undefined;
  }
}

const FEW = 12;
const LONGEST = 127;
