import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { printJson } from "../../core/json.ts";
import { retry } from "../../core/delivery/outcome.ts";
import { err, ok } from "../../core/result.ts";
import { createBodyBuffers } from "./body-buffers.ts";
import { actionOf, bulkBody, sendBulk, type BulkOperation } from "./bulk.ts";
import type { HttpAnswer } from "./http-exchange.ts";

const word = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: "binary", minLength: 1 }));
const operation: fc.Arbitrary<BulkOperation> = fc.record({
  opType: fc.constantFrom("create", "index"),
  index: word,
  id: word,
  pipeline: fc.option(word, { nil: undefined }),
  document: fc
    .oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("漢".repeat(300), "é".repeat(300)))
    .map((text) => printJson({ text })),
});

test("a body is the lines of its operations in UTF-8, whatever was in its memory before", () => {
  const buffers = createBodyBuffers();
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 20 }), fc.constantFrom(1, 500), (some, times) => {
      const operations = Array.from({ length: times }, () => some)
        .flat()
        .slice(0, 500);
      const body = bulkBody(operations, buffers);
      const lines = operations.flatMap((each) => [printJson(actionOf(each)), each.document]);
      expect(body.toString()).toBe(lines.map((line) => `${line}\n`).join(""));
      buffers.giveBack(body);
    }),
  );
});

const create = (id: string, opType: "create" | "index" = "create"): BulkOperation => ({
  opType,
  index: "a",
  id,
  pipeline: undefined,
  document: printJson({ text: "x".repeat(50_000) }),
});
const answer = (status: number, body: unknown): HttpAnswer => ({
  target: "http://x",
  status,
  headers: {},
  text: typeof body === "string" ? body : JSON.stringify(body),
  truncated: false,
});
const contextOf = () => ({ clock: manualClock(), redact: (text: string) => text, buffers: createBodyBuffers() });
const created = { create: { status: 201 } };

describe("outcomes of an answer that looks like success", () => {
  const delivered = { kind: "delivered" };
  test.each([
    ["all created", [created, created], [delivered, delivered]],
    ["one replaced", [{ index: { status: 200 } }, created], [delivered, delivered]],
    ["one failed", [created, { create: { status: 400 } }], [delivered, { kind: "reject" }]],
    [
      "one in the failure store",
      [created, { create: { status: 201, failure_store: "used" } }],
      [delivered, { kind: "delivered", note: expect.any(String) }],
    ],
    ["one too few", [created], [{ kind: "retry" }, { kind: "retry" }]],
    ["one too many", [created, created, created], [{ kind: "retry" }, { kind: "retry" }]],
  ])("%s", async (_, items, expected) => {
    const send = async () => ok(answer(200, { errors: false, items }));
    expect(await sendBulk([create("1"), create("2")], send, contextOf())).toMatchObject(expected);
  });
});

describe("the memory of a body is used again only when the target has read all of it", () => {
  test.each([
    ["an answer to every document", ok(answer(200, { errors: false, items: [created, created] })), true],
    ["failures among them", ok(answer(200, { errors: true, items: [created, { create: { status: 429 } }] })), true],
    ["fewer answers than documents", ok(answer(200, { errors: false, items: [created] })), false],
    ["success without answers", ok(answer(200, "")), false],
    ["a busy target", ok(answer(503, "")), false],
    ["no answer in time", err(retry("no answer")), false],
  ])("%s", async (_, came, again) => {
    const context = contextOf();
    const bodies: Buffer[] = [];
    const send = async (body: Buffer) => {
      bodies.push(body);
      return came;
    };
    for (let n = 0; n < 2; n++) await sendBulk([create("1"), create("2")], send, context);
    expect(bodies[0]!.length).toBeGreaterThan(100_000);
    expect(bodies[1]!.buffer === bodies[0]!.buffer).toBe(again);
  });

  test("a body that was refused for its length stays as it is while its halves are sent", async () => {
    const context = contextOf();
    const bodies: Buffer[] = [];
    const send = async (body: Buffer) => {
      bodies.push(body);
      return ok(bodies.length === 1 ? answer(413, "") : answer(200, { errors: false, items: [created] }));
    };
    await sendBulk([create("1"), create("2")], send, context);
    expect(bodies).toHaveLength(3);
    expect(bodies[0]!.toString()).toContain('"_id":"2"');
    expect(new Set([bodies[0]!.buffer, bodies[1]!.buffer]).size).toBe(2);
  });
});
