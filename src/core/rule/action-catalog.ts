/** What core must know of the configured executors to check and compile actions; made by `config`. */
import type { z } from "zod";
import type { JsonObject } from "../json.ts";

export interface ActionTarget {
  /** Executor type, for messages. */
  readonly type: string;
  /** The type's payload schema; literal values that it forbids are load errors. */
  readonly payload: z.ZodType;
  /** Payload paths (dotted) that are code, and of which kind. */
  readonly code: Readonly<Record<string, "icinga-filter" | "url">>;
  readonly text?: (payload: JsonObject) => Readonly<Record<string, "plain" | "json" | "html">>;
  /** `options.allow_dynamic_code`: placeholders outside string literals are inserted unescaped. */
  readonly allowDynamicCode: boolean;
  /** Names under `secrets:` that `{secret: name}` may use. */
  readonly secrets: readonly string[];
}

/** Executor id → target. */
export type ActionCatalog = Readonly<Record<string, ActionTarget>>;
