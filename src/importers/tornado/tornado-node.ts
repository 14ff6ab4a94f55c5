/** A processing tree of Tornado, whatever form it was stored in. */
import type { Json, JsonObject } from "../../core/json.ts";

export interface TornadoRule {
  readonly source: string;
  readonly name: string;
  readonly document: JsonObject;
  /** The file as it is; null: the document is written instead. */
  readonly text: string | null;
}

export interface TornadoBranch {
  readonly type: "filter" | "iterator";
  readonly source: string;
  readonly name: string;
  /** All but `type`, `name` and children: `description`, `active`, and `filter` or `target`. */
  readonly settings: JsonObject;
  readonly nodes: readonly TornadoNode[];
}

export interface TornadoRuleset {
  readonly type: "ruleset";
  readonly source: string;
  readonly name: string;
  readonly rules: readonly TornadoRule[];
}

export type TornadoNode = TornadoBranch | TornadoRuleset;

/** Does everything pass, so that nothing is lost without it? */
export const letsAllPass = ({ type, settings }: TornadoBranch): boolean => {
  const { filter = {}, active = true } = settings;
  return type === "filter" && active === true && isEmpty(filter);
};

const isEmpty = (filter: Json): boolean =>
  typeof filter === "object" && (filter === null || (!Array.isArray(filter) && Object.keys(filter).length === 0));

export const textOr = (value: Json | undefined, otherwise: string): string =>
  typeof value === "string" ? value : otherwise;
