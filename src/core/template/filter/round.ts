import { err, ok } from "../../result.ts";
import { decimalText } from "../text.ts";
import { countArgument, type Filter } from "./filter.ts";

export const round: Filter = {
  name: "round",
  usage: "round, round(n)",
  summary: "A number with at most n decimals (default 0), halves away from zero.",
  prepare(args) {
    const decimals = args.length === 0 ? ok(0) : countArgument(args, 0, 20);
    if (!decimals.ok) return err(decimals.error);
    return ok((value) => {
      if (typeof value === "bigint") return value;
      return typeof value === "number" ? roundDecimal(value, decimals.value) : undefined;
    });
  },
};

/** Rounds the digits that are written, so that 2.675 (a double just below it) gives 2.68. */
function roundDecimal(value: number, decimals: number): number {
  const [whole, fraction = ""] = decimalText(Math.abs(value)).split(".") as [string, string?];
  if (fraction.length <= decimals) return value;
  const kept = BigInt(whole + fraction.slice(0, decimals)) + (fraction[decimals]! >= "5" ? 1n : 0n);
  const digits = kept.toString().padStart(decimals + 1, "0");
  const at = digits.length - decimals;
  return Math.sign(value) * Number(`${digits.slice(0, at)}.${digits.slice(at)}`) + 0;
}
