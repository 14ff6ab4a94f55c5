/** Which topics there are of those asked for. */
import type { KafkaAdmin } from "../component/support/kafka-client.ts";
import type { Regex } from "../core/regex/regex.ts";

export interface FoundTopics {
  /** In name order. */
  readonly present: readonly string[];
  readonly missing: readonly string[];
}

/** Topics that Kafka keeps for itself are found only by name. */
const INTERNAL = /^__/;

export async function findTopics(
  admin: Pick<KafkaAdmin, "topics">,
  named: readonly string[],
  pattern: Regex | null,
): Promise<FoundTopics> {
  const all = new Set(await admin.topics());
  const found = pattern ? [...all].filter((topic) => !INTERNAL.test(topic) && pattern.test(topic)) : [];
  const present = new Set([...named.filter((topic) => all.has(topic)), ...found]);
  return { present: [...present].sort(), missing: named.filter((topic) => !all.has(topic)) };
}

export const sameTopics = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((topic, at) => topic === b[at]);
