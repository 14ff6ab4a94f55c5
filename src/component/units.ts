import { z } from "zod";
import { parseDuration, parseSize } from "../core/duration.ts";

/** `10s`, `1h30m`, or a number of milliseconds → milliseconds. */
export const duration = () =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const ms = parseDuration(value);
      if (ms === undefined)
        context.addIssue({
          code: "custom",
          message: `${JSON.stringify(value)} is no duration; accepted: 500ms, 10s, 1h30m, 7d`,
        });
      return ms ?? z.NEVER;
    })
    .meta({ unit: "duration" });

/** `5mb`, `64kb`, or a number of bytes → bytes; units are powers of 1024. */
export const size = () =>
  z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const bytes = parseSize(value);
      if (bytes === undefined)
        context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no size; accepted: 512kb, 5mb, 2gb` });
      return bytes ?? z.NEVER;
    })
    .meta({ unit: "size" });
