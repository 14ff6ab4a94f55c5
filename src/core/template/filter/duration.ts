import { printDuration } from "../../duration.ts";
import { plainFilter } from "./filter.ts";

export const duration = plainFilter("duration", "Milliseconds as text, the two largest units: `1h30m`.", (value) => {
  const ms = typeof value === "bigint" ? Number(value) : value;
  if (typeof ms !== "number") return undefined;
  return ms < 0 ? `-${printDuration(-ms)}` : printDuration(ms);
});
