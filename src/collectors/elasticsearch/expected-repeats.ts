/**
 * Documents that were committed, but whose sender was told to send them again because the real cluster did not take
 * them. When they come, they are only passed on.
 *
 * A document is named by a hash of operation, index, id and content. The keys of objects are sorted first, because the
 * Beats write them in another order each time. Equal documents are counted, so that of three that failed three are
 * expected. What is not repeated in time is forgotten: by then an equal document is a new one. The memory is bounded and
 * ends with the process; what it forgets is taken as new, so that nothing is ever lost by it.
 */
import { createHash } from "node:crypto";
import { isArray, isObject, printJson, type Json, type JsonObject } from "../../core/json.ts";

export interface ExpectedRepeats {
  /** Documents expected. */
  readonly size: number;
  expect(fingerprint: string): void;
  /** Was it expected? Then it no longer is. */
  take(fingerprint: string): boolean;
}

interface Expected {
  count: number;
  untilMs: number;
}

export function createExpectedRepeats(
  limits: { readonly maxDocuments: number; readonly forMs: number },
  nowMs: () => number,
): ExpectedRepeats {
  /** The longest untouched first. */
  const waiting = new Map<string, Expected>();
  let size = 0;

  const forget = (fingerprint: string, { count }: Expected): void => {
    waiting.delete(fingerprint);
    size -= count;
  };
  const expire = (): void => {
    const now = nowMs();
    for (const [fingerprint, expected] of waiting) {
      if (expected.untilMs > now && size <= limits.maxDocuments) return;
      forget(fingerprint, expected);
    }
  };

  return {
    get size() {
      return size;
    },
    expect(fingerprint) {
      const count = (waiting.get(fingerprint)?.count ?? 0) + 1;
      waiting.delete(fingerprint);
      waiting.set(fingerprint, { count, untilMs: nowMs() + limits.forMs });
      size++;
      expire();
    },
    take(fingerprint) {
      expire();
      const expected = waiting.get(fingerprint);
      if (!expected) return false;
      if (--expected.count === 0) waiting.delete(fingerprint);
      size--;
      return true;
    },
  };
}

export function fingerprintOf(op: string, index: string, id: string | undefined, document: JsonObject): string {
  return createHash("sha256")
    .update(`${op}\n${index}\n${id ?? ""}\n${printJson(sorted(document))}`)
    .digest("base64url");
}

function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  );
}
