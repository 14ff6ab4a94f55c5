import { basename } from "./basename.ts";
import { date } from "./date.ts";
import { duration } from "./duration.ts";
import type { Filter } from "./filter.ts";
import { first } from "./first.ts";
import { join } from "./join.ts";
import { json } from "./json.ts";
import { last } from "./last.ts";
import { length } from "./length.ts";
import { lower } from "./lower.ts";
import { number } from "./number.ts";
import { replace } from "./replace.ts";
import { round } from "./round.ts";
import { severity } from "./severity.ts";
import { trim } from "./trim.ts";
import { truncate } from "./truncate.ts";
import { upper } from "./upper.ts";
import { urlencode } from "./urlencode.ts";

/** Every filter; a new one is its file, its test and a line here. */
export const filters: readonly Filter[] = [
  lower,
  upper,
  trim,
  truncate,
  replace,
  number,
  round,
  json,
  urlencode,
  first,
  last,
  join,
  length,
  date,
  duration,
  basename,
  severity,
];
