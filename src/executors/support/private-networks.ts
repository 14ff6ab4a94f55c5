/**
 * Keeps connections out of private networks (`private_networks: deny`).
 *
 * The address is checked where the connection is made: the name is resolved once, by `guardedLookup`, and only the
 * addresses that it let pass are connected to. A name that changes its address between a check and the connection
 * (DNS rebinding) therefore gains nothing. An address written into the URL never reaches a lookup and is checked by
 * the connector. Ranges: IANA special-purpose registries (RFC 6890 and its successors), multicast included.
 */
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { buildConnector } from "undici";

export class PrivateAddressError extends Error {
  readonly code = "ERR_PRIVATE_ADDRESS";
  constructor(host: string) {
    super(`${host} is an address of a private network, and private_networks is deny`);
    this.name = "PrivateAddressError";
  }
}

const IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Only 2000::/3 is global unicast; what in it is reserved, or holds an IPv4 address, follows. */
const IPV6 = ["::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** One list per family: a list would find every IPv4 address in `::/3`, as `::ffff:a.b.c.d`. */
const blocked = { ipv4: blockList("ipv4", IPV4), ipv6: blockList("ipv6", IPV6) };

function blockList(family: "ipv4" | "ipv6", ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, prefix] = range.split("/");
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}

/** Everything that is no address of the public internet, `::ffff:10.0.0.1` and NAT64 forms included. */
export function isPrivateAddress(address: string): boolean {
  const [bare] = address.split("%");
  const family = isIP(bare!);
  if (family === 0) return true;
  return family === 6 ? blocked.ipv6.check(bare!, "ipv6") : blocked.ipv4.check(bare!, "ipv4");
}

/** A lookup that gives only public addresses; an error when none is left. */
export const guardedLookup =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      if (!Array.isArray(found))
        return isPrivateAddress(found)
          ? callback(new PrivateAddressError(hostname), "", family)
          : callback(null, found, family);
      const open = found.filter(({ address }) => !isPrivateAddress(address));
      return open.length === 0 ? callback(new PrivateAddressError(hostname), []) : callback(null, open);
    });

/** A connector that refuses private addresses in the URL itself; names are the lookup's. */
export const guardedConnector =
  (connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && isPrivateAddress(host)) callback(new PrivateAddressError(host), null);
    else connect(options, callback);
  };
