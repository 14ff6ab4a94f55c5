import { isIP } from "node:net";
import { describe, expect, test } from "vitest";
import { parseAddress, parseNetwork } from "./ip-network.ts";

const ADDRESSES = [
  "0.0.0.0",
  "255.255.255.255",
  "256.0.0.1",
  "1.2.3",
  "1.2.3.4.5",
  "01.2.3.4",
  "1.2.3.4 ",
  "",
  "::",
  "::1",
  "1::",
  "fe80::1",
  "fe80::1%eth0",
  "fe80::1%",
  "2001:DB8::A",
  "1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::",
  "::2:3:4:5:6:7:8",
  "1:2:3:4::5:6:7:8",
  "1::2::3",
  ":::",
  ":1",
  "1:",
  "12345::",
  "g::",
  "::ffff:10.0.0.1",
  "::10.0.0.1",
  "1:2:3:4:5:6:1.2.3.4",
  "1:2:3:4:5:6:7:1.2.3.4",
  "::ffff:10.0.0.256",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1.2.3.4%eth0",
  "[::1]",
];
describe("rule-language.md, Operators: networks of cidr", () => {
  test.each(ADDRESSES)("takes %j as the platform does", (text) => {
    expect(parseAddress(text)?.length).toBe({ 0: undefined, 4: 2, 6: 8 }[isIP(text)]);
  });

  test.each<[string, readonly number[]]>([
    ["10.1.2.255", [0x0a01, 0x02ff]],
    ["2001:db8::1", [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]],
    ["::ffff:1.2.3.4", [0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304]],
  ])("reads %s", (text, groups) => {
    expect(parseAddress(text)).toEqual(groups);
  });

  test.each<[string, number | undefined]>([
    ["10.0.0.0/8", 8],
    ["10.0.0.1", 32],
    ["::/0", 0],
    ["fd00::1", 128],
    ["10.0.0.0/33", undefined],
    ["fd00::/129", undefined],
    ["10.0.0.0/", undefined],
    ["10.0.0.0/08", undefined],
    ["10.0.0.0/-1", undefined],
    ["10.0.0.0/255.0.0.0", undefined],
    ["fe80::1%eth0/64", undefined],
    ["10/8", undefined],
    ["/8", undefined],
  ])("the network %j has %s bits", (text, bits) => {
    expect(parseNetwork(text)?.bits).toBe(bits);
  });
});
