import { defineNormalizer } from "../component/define-normalizer.ts";
import { isObject } from "../core/json.ts";
import { ok } from "../core/result.ts";

export const json = defineNormalizer({
  format: "json",
  summary: "Any JSON: an object is the payload, anything else stands under `payload.value`.",
  recognizes: () => true,
  normalize: (document) => ok([{ payload: isObject(document) ? document : { value: document } }]),
  examples: [
    { title: "an object", document: { host: "web-1", up: true }, events: [{ payload: { host: "web-1", up: true } }] },
    { title: "a text", document: "disk full", events: [{ payload: { value: "disk full" } }] },
  ],
});
