import { err, ok } from "../../result.ts";
import { countArgument, type Filter } from "./filter.ts";

export const truncate: Filter = {
  name: "truncate",
  usage: "truncate(n)",
  summary: "At most n code points of a string, the last of them `…` where it was cut.",
  prepare(args) {
    const count = countArgument(args, 1, 1_000_000);
    if (!count.ok) return err(count.error);
    return ok((value) => (typeof value === "string" ? cut(value, count.value) : undefined));
  },
};

function cut(text: string, count: number): string {
  if (text.length <= count) return text;
  const points = Array.from(text);
  return points.length <= count ? text : `${points.slice(0, count - 1).join("")}…`;
}
