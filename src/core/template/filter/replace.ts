import { err, ok } from "../../result.ts";
import { textArguments, type Filter } from "./filter.ts";

export const replace: Filter = {
  name: "replace",
  usage: "replace('find', 'put')",
  summary: "Every occurrence of the first text in a string replaced by the second; both are taken literally.",
  prepare(args) {
    const texts = textArguments(args, 2);
    if (!texts.ok) return err(texts.error);
    const [find, put] = texts.value as [string, string]; // textArguments gave two
    if (find === "") return err("takes a text to find, found an empty one");
    return ok((value) => (typeof value === "string" ? value.split(find).join(put) : undefined));
  },
};
