/**
 * Mail addresses as people write them: `ops@example.com`, `Ops <ops@example.com>`, `"Ops, night" <ops@example.com>`,
 * several separated by `,` or `;`. Narrower than RFC 5322 on purpose: no comments, groups, quoted local parts or line
 * breaks, so that nothing of a value taken from an event can become another recipient, header or SMTP command.
 */
import { err, ok, type Result } from "../../core/result.ts";

export interface MailAddress {
  /** Empty when there is none. */
  readonly name: string;
  readonly address: string;
}

const LABEL = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?";
const ADDRESS = new RegExp(`^[^\\s\\p{C}<>()[\\],;:\\\\"@]+@${LABEL}(?:\\.${LABEL})*$`, "u");
const NAMED = /^(?:"((?:[^"\\]|\\.)*)"|([^<>"]*?))\s*<([^<>]*)>$/u;
/** Parts between separators that stand neither in quotes nor in angle brackets. */
const PART = /(?:"(?:[^"\\]|\\.)*"|<[^<>]*>|[^,;"<>])+/gu;

/** All addresses of a text, at least one; the error says what is no address. */
export function readMailAddresses(text: string): Result<readonly MailAddress[], string> {
  if (/\p{Cc}/u.test(text)) return err(`${JSON.stringify(text)} holds a line break or another control character`);
  const addresses: MailAddress[] = [];
  for (const [part] of text.matchAll(PART)) {
    const trimmed = part.trim();
    if (trimmed === "") continue;
    const address = readOne(trimmed);
    if (!address) return err(notAnAddress(trimmed));
    addresses.push(address);
  }
  const left = text.replace(PART, "").replace(/[,;\s]/gu, "");
  return left !== "" || addresses.length === 0 ? err(notAnAddress(text)) : ok(addresses);
}

/** Exactly one address. */
export function readMailAddress(text: string): Result<MailAddress, string> {
  const read = readMailAddresses(text);
  if (!read.ok) return read;
  const [first, ...more] = read.value;
  return more.length === 0 ? ok(first!) : err(`${JSON.stringify(text)} holds ${more.length + 1} addresses`);
}

export const printMailAddress = ({ name, address }: MailAddress): string =>
  name === "" ? address : `${/^[\p{L}\p{N} _-]*$/u.test(name) ? name : JSON.stringify(name)} <${address}>`;

function readOne(text: string): MailAddress | undefined {
  const named = NAMED.exec(text);
  const address = named ? named[3]!.trim() : text;
  if (!ADDRESS.test(address)) return undefined;
  return { name: named ? (named[1]?.replace(/\\(.)/gu, "$1") ?? named[2]!).trim() : "", address };
}

const notAnAddress = (text: string): string =>
  `${JSON.stringify(text)} is no mail address; accepted: ops@example.com, Ops <ops@example.com>`;
