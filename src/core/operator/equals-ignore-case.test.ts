import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { equalsIgnoreCase } from "./equals-ignore-case.ts";

describeOperator(equalsIgnoreCase);
truthOf(equalsIgnoreCase, [
  ["Spooler", "SPOOLER", true],
  ["ÉTÉ", "été", true],
  ["straße", "STRASSE", false],
  ["a", "b", false],
  [1, 1, false],
  [null, null, false],
  [["a"], ["a"], false],
  [MISSING, MISSING, false],
]);
