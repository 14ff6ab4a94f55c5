import type { z } from "zod";
import type { JsonObject } from "../../core/json.ts";
import { reject, type Outcome } from "../../core/delivery/outcome.ts";
import { err, ok, type Result } from "../../core/result.ts";

/** The payload as the schema gives it, or a `reject` that names the key; zod's messages never quote a string's value. */
export function readPayload<S extends z.ZodType>(schema: S, payload: JsonObject): Result<z.output<S>, Outcome> {
  const read = schema.safeParse(payload);
  if (read.success) return ok(read.data);
  const [first] = read.error.issues;
  const path = ["payload", ...(first?.path ?? [])].join(".");
  const message = first?.message ?? "not valid";
  return err(reject(`${path}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`));
}
