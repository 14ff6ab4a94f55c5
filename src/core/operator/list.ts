import { allOf } from "./all-of.ts";
import { and } from "./and.ts";
import { anyOf } from "./any-of.ts";
import { between } from "./between.ts";
import { cidr } from "./cidr.ts";
import { containsAll, containsAllIgnoreCase } from "./contains-all.ts";
import { containsAny, containsAnyIgnoreCase } from "./contains-any.ts";
import { containsIgnoreCase } from "./contains-ignore-case.ts";
import { contains } from "./contains.ts";
import { endsWith, endsWithIgnoreCase } from "./ends-with.ts";
import { equalsIgnoreCase } from "./equals-ignore-case.ts";
import { equals } from "./equals.ts";
import { exists } from "./exists.ts";
import { ge } from "./ge.ts";
import { gt } from "./gt.ts";
import { isIn, isInIgnoreCase } from "./in.ts";
import { jsonLogicOperator } from "./json-logic.ts";
import { le } from "./le.ts";
import { lt } from "./lt.ts";
import { ne } from "./ne.ts";
import { notIn, notInIgnoreCase } from "./not-in.ts";
import { not } from "./not.ts";
import type { OperatorType } from "./operator.ts";
import { or } from "./or.ts";
import { regex } from "./regex.ts";
import { startsWith, startsWithIgnoreCase } from "./starts-with.ts";
import { time } from "./time.ts";
import { wildcard, wildcardIgnoreCase } from "./wildcard.ts";

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
  containsAny,
  containsAnyIgnoreCase,
  containsAll,
  containsAllIgnoreCase,
  startsWith,
  startsWithIgnoreCase,
  endsWith,
  endsWithIgnoreCase,
  wildcard,
  wildcardIgnoreCase,
  isIn,
  isInIgnoreCase,
  notIn,
  notInIgnoreCase,
  exists,
  cidr,
  between,
  time,
  anyOf,
  allOf,
  jsonLogicOperator,
];
