import { and } from "./and.ts";
import { containsIgnoreCase } from "./contains-ignore-case.ts";
import { contains } from "./contains.ts";
import { equalsIgnoreCase } from "./equals-ignore-case.ts";
import { equals } from "./equals.ts";
import { ge } from "./ge.ts";
import { gt } from "./gt.ts";
import { le } from "./le.ts";
import { lt } from "./lt.ts";
import { ne } from "./ne.ts";
import { not } from "./not.ts";
import type { OperatorType } from "./operator.ts";
import { or } from "./or.ts";
import { regex } from "./regex.ts";

/** Every operator; a new one is its file, its test and a line here. */
export const operatorTypes: readonly OperatorType[] = [
  and,
  or,
  not,
  equals,
  ne,
  equalsIgnoreCase,
  contains,
  containsIgnoreCase,
  ge,
  gt,
  le,
  lt,
  regex,
];
