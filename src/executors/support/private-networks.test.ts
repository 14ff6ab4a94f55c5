import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { guardedLookup, isPrivateAddress } from "./private-networks.ts";

test.each([
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["0.0.0.0", true],
  ["10.1.2.3", true],
  ["100.64.0.1", true],
  ["100.128.0.1", false],
  ["169.254.169.254", true],
  ["172.15.0.1", false],
  ["172.16.0.1", true],
  ["172.32.0.1", false],
  ["192.168.255.255", true],
  ["198.19.0.1", true],
  ["224.0.0.1", true],
  ["255.255.255.255", true],
  ["8.8.8.8", false],
  ["::", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["64:ff9b::a00:1", true],
  ["fe80::1%eth0", true],
  ["fc00::1", true],
  ["fd12::1", true],
  ["ff02::1", true],
  ["2001:db8::1", true],
  ["2002:7f00:1::", true],
  ["2606:4700::1111", false],
  ["2a00:1450::1", false],
  ["no address", true],
])("%s is private: %s", (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected);
});

const answering =
  (...addresses: readonly string[]): LookupFunction =>
  (_, { all }, callback) =>
    all
      ? callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        )
      : callback(null, addresses[0]!, 4);

const resolve = (lookup: LookupFunction, all: boolean): Promise<unknown> =>
  new Promise((settle) =>
    guardedLookup(lookup)("name", { all }, (error, found) => settle(error ? error.message : found)),
  );

test.each([
  ["public", answering("8.8.8.8"), true, [{ address: "8.8.8.8", family: 4 }]],
  ["public, one address", answering("8.8.8.8"), false, "8.8.8.8"],
  ["private", answering("10.0.0.1"), true, expect.stringContaining("private_networks is deny")],
  ["private, one address", answering("10.0.0.1"), false, expect.stringContaining("private_networks is deny")],
  ["mixed", answering("10.0.0.1", "8.8.8.8", "::1"), true, [{ address: "8.8.8.8", family: 4 }]],
  ["failing", ((_, __, callback) => callback(new Error("ENOTFOUND"), [])) as LookupFunction, true, "ENOTFOUND"],
])("lookup: %s", async (_, lookup, all, expected) => {
  expect(await resolve(lookup, all)).toEqual(expected);
});
