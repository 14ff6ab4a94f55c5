/**
 * IP addresses and networks (RFC 4291, RFC 4632) as groups of 16 bits: two for IPv4, eight for IPv6.
 *
 * IPv4 is four decimal numbers without leading zeros, which some read as octal. A zone (`fe80::1%eth0`) says on which
 * link an address is and is ignored. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) is also inside IPv4 networks.
 */
export type Address = readonly number[];

export interface Network {
  readonly groups: Address;
  /** Leading bits that an address has in common with the network. */
  readonly bits: number;
}

const IPV4_GROUPS = 2;
const IPV6_GROUPS = 8;

/** Null: the text is no address. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(":")) return parseIpv4(text);
  const zone = text.indexOf("%");
  if (zone === text.length - 1) return null;
  return parseIpv6(zone < 0 ? text : text.slice(0, zone));
}

/** An address alone is the network of just that one. Null: the text is no network; bits beyond the length are ignored. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const groups = address.includes("%") ? null : parseAddress(address);
  if (groups === null) return null;
  const all = groups.length * 16;
  if (slash < 0) return { groups, bits: all };
  const length = text.slice(slash + 1);
  return /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= all ? { groups, bits: Number(length) } : null;
}

export function isInside(address: Address, { groups, bits }: Network): boolean {
  const same = address.length === groups.length ? address : isMapped(address) ? address.slice(-IPV4_GROUPS) : null;
  if (same === null || same.length !== groups.length) return false;
  for (let i = 0, rest = bits; rest > 0; i++, rest -= 16) {
    const ignored = Math.max(0, 16 - rest);
    if (same[i]! >> ignored !== groups[i]! >> ignored) return false;
  }
  return true;
}

const MAPPED: Address = [0, 0, 0, 0, 0, 0xffff];
const isMapped = (address: Address): boolean =>
  address.length === IPV6_GROUPS && MAPPED.every((group, at) => address[at] === group);

function parseIpv4(text: string): Address | null {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (!bytes?.every((byte) => Number(byte) <= 255 && (byte === "0" || !byte.startsWith("0")))) return null;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Address | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, at) => parseGroups(half, at === halves.length - 1));
  if (!head || tail === null) return null;
  if (tail === undefined) return head.length === IPV6_GROUPS ? head : null;
  const left = IPV6_GROUPS - head.length - tail.length;
  return left < 1 ? null : [...head, ...Array<number>(left).fill(0), ...tail];
}

/** Groups between colons; at the end of an address the last two may be written as IPv4. */
function parseGroups(text: string, atEnd: boolean): Address | null {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1)!;
  const ipv4 = atEnd && last.includes(".") ? parseIpv4(last) : [];
  const hex = atEnd && last.includes(".") ? parts.slice(0, -1) : parts;
  if (ipv4 === null || !hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return [...hex.map((group) => parseInt(group, 16)), ...ipv4];
}
