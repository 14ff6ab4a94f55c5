import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../core/json.ts";
import { bulkPayloadSchema, readBulkPayload } from "./bulk-payload.ts";
import { readPayload } from "./read-payload.ts";

const pem = { certificate_path: "c", private_key_path: "k", ca_certificate_path: "a" };
const value = (...good: readonly Json[]): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...good) },
    fc.constantFrom("", null, true, 1.5, 2n ** 60n, [], {}, "x"),
  );
const payload = fc.record(
  {
    endpoint: value("http://localhost:9200"),
    index: value("events"),
    data: value({}, { a: 1 }),
    id: value("7", 7, 7n),
    op_type: value("create", "index"),
    pipeline: value("clean"),
    auth: value({ type: "None" }, { type: "PemCertificatePath", ...pem }, { type: "PemCertificatePath" }),
    more: value(1),
  },
  { requiredKeys: [] },
);

test("a payload is read as its schema says, with the same messages", () => {
  const kinds = { ok: 0, refused: 0 };
  fc.assert(
    fc.property(payload, (given) => {
      const found = readBulkPayload(given as JsonObject); // no key of it is undefined
      const expected = readPayload(bulkPayloadSchema, given as JsonObject);
      kinds[expected.ok ? "ok" : "refused"]++;
      if (expected.ok && found.ok) {
        const { more: _, ...known } = expected.value;
        expect(found.value).toMatchObject(known);
        expect(found.value.data).toBe(given.data);
      } else {
        expect(found).toEqual(expected);
      }
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(kinds.ok, kinds.refused)).toBeGreaterThan(50);
});
