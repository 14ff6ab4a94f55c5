import { isArray } from "../../json.ts";
import { err, ok } from "../../result.ts";
import { textOf } from "../text.ts";
import { textArguments, type Filter } from "./filter.ts";

export const join: Filter = {
  name: "join",
  usage: "join('separator')",
  summary: "The scalars of an array as one text.",
  prepare(args) {
    const texts = textArguments(args, 1);
    if (!texts.ok) return err(texts.error);
    return ok((value) => {
      if (!isArray(value)) return undefined;
      const parts = value.map(textOf);
      return parts.includes(undefined) ? undefined : parts.join(texts.value[0]);
    });
  },
};
