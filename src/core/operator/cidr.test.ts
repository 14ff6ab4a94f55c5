import { describe, expect, test } from "vitest";
import { describeOperator, MISSING, refusal, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { cidr } from "./cidr.ts";

describe("rule-language.md, Operators: cidr", () => {
  /** rule-language.md, Operators: cidr. */
  describeOperator(cidr);
  truthOfWritten(cidr, [
    ["10.255.255.255", "10.0.0.0/8", true],
    ["11.0.0.0", "10.0.0.0/8", false],
    ["172.31.0.1", "172.16.0.0/12", true],
    ["172.32.0.1", "172.16.0.0/12", false],
    ["192.168.1.130", "192.168.1.128/25", true],
    ["192.168.1.127", "192.168.1.128/25", false],
    ["10.1.2.3", "10.9.9.9/8", true],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.2", "10.0.0.1", false],
    ["1.2.3.4", "0.0.0.0/0", true],
    ["::1", "0.0.0.0/0", false],
    ["1.2.3.4", "::/0", false],
    ["fe80::1%12", "fe80::/10", true],
    ["febf::1", "fe80::/10", true],
    ["fec0::1", "fe80::/10", false],
    ["::1", "::1/128", true],
    ["2001:db8::", "2001:db8::/33", true],
    ["2001:db8:8000::", "2001:db8::/33", false],
    ["::ffff:10.0.0.1", "10.0.0.0/8", true],
    ["::ffff:10.0.0.1", "::ffff:0:0/96", true],
    ["10.0.0.1", ["fd00::/8", "10.0.0.0/8"], true],
    ["fd12::1", ["fd00::/8", "10.0.0.0/8"], true],
    ["192.0.2.1", ["fd00::/8", "10.0.0.0/8"], false],
    ["10.0.0.1", [], false],
    ["010.0.0.1", "0.0.0.0/0", false],
    ["10.0.0.1:80", "0.0.0.0/0", false],
    ["", "0.0.0.0/0", false],
    ["-", "::/0", false],
    [167772161, "10.0.0.0/8", false],
    [["10.0.0.1"], "10.0.0.0/8", false],
    [null, "0.0.0.0/0", false],
    [MISSING, "0.0.0.0/0", false],
  ]);
  truthOf(cidr, [
    ["10.0.0.1", "ten", false],
    ["10.0.0.1", [5, "10.0.0.0/8"], true],
    ["10.0.0.1", MISSING, false],
  ]);

  test("networks that are none are refused, each at its place", () => {
    expect(refusal({ type: "cidr", first: "${event.a}", second: ["10.0.0.0/8", "10.0.0.0/40", 5] })).toEqual([
      ["second.1", "wrong-type", 'the string "10.0.0.0/40" where a network such as 10.0.0.0/8 or fd00::/8 is expected'],
      ["second.2", "wrong-type", "the number 5 where a network such as 10.0.0.0/8 or fd00::/8 is expected"],
    ]);
    expect(refusal({ type: "cidr", first: "${event.a}", second: "lan" })).toEqual([
      ["second", "wrong-type", 'the string "lan" where a network such as 10.0.0.0/8 or fd00::/8 or a list is expected'],
    ]);
  });
});
