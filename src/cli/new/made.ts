import { suggest } from "../../core/suggest.ts";

export type Made =
  | {
      /** With `/`, from the configuration folder. */
      readonly file: string;
      /** The whole file. */
      readonly text: string;
      /** What the file held when `text` was made of it; null: there was none, and there must be none still. */
      readonly before: string | null;
      /** What to do with it, lines to print; "" for nothing. */
      readonly hint: string;
    }
  | Refused;

export interface Refused {
  readonly refused: string;
  /** Whether the command was used wrongly, rather than well where it cannot be done. */
  readonly usage: boolean;
}

export const refused = (reason: string): Refused => ({ refused: reason, usage: false });
export const wrongUsage = (reason: string): Refused => ({ refused: reason, usage: true });

export function unknownName(what: string, found: string, names: readonly string[]): Refused {
  const near = suggest(found, names);
  return wrongUsage(
    `there is no ${what} ${JSON.stringify(found)}; accepted: ${names.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}

/** Of rules, rulesets and executors. */
export const badName = (what: string, name: string): Refused | null =>
  /^[a-zA-Z0-9_]+$/.test(name)
    ? null
    : wrongUsage(`${JSON.stringify(name)} is no name of ${what}; accepted: letters a-z A-Z, digits and _`);
