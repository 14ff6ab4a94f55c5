import type { NormalizerType } from "../component/define-normalizer.ts";
import { isObject } from "../core/json.ts";

/** `auto`: the first format that recognizes a document reads it. */
export const AUTO = "auto";

export function findNormalizer(
  format: string,
  list: readonly NormalizerType[],
): Pick<NormalizerType, "normalize"> | undefined {
  if (format !== AUTO) return list.find((normalizer) => normalizer.format === format);
  const last = list.at(-1);
  if (!last) return undefined;
  return {
    normalize(document, context) {
      const reader = isObject(document) ? list.find((normalizer) => normalizer.recognizes(document)) : undefined;
      return (reader ?? last).normalize(document, context);
    },
  };
}
