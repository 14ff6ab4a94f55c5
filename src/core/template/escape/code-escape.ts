/**
 * Payload paths that are code: what an event says must stay data there. One file per kind, registered in list.ts.
 * At load every placeholder is looked at where it stands; what cannot be made safe is an error, unless the executor has
 * `allow_dynamic_code: true`, which inserts exactly those placeholders unescaped.
 */
import type { IssueSink } from "../../diagnostic.ts";
import type { Expression } from "../expression.ts";

export interface CodeEscape {
  readonly kind: string;
  /** Null after the mistakes were reported; else a function that puts the texts of the expressions, in order, in place. */
  compile(
    parts: readonly (string | Expression)[],
    options: { readonly allowDynamicCode: boolean; readonly issues: IssueSink },
  ): ((texts: readonly string[]) => string) | null;
}

/** Puts texts in place, each through its own escape. */
export const weave =
  (parts: readonly (string | Expression)[], escapes: readonly ((text: string) => string)[]) =>
  (texts: readonly string[]): string => {
    let next = 0;
    return parts
      .map((part) => {
        if (typeof part === "string") return part;
        const text = escapes[next]!(texts[next]!);
        next++;
        return text;
      })
      .join("");
  };
