/**
 * Masking of secrets in text that leaves the process for a log, a reason, a preview or a stored answer.
 *
 * A target may echo a secret in another spelling than the one it was sent in, so each secret is looked for as it is,
 * percent-encoded, form-encoded, JSON-escaped, HTML-escaped and in base64; `basic` gives the pair of Basic authentication.
 */
import { isArray, isObject, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";
import { Secret } from "../../component/secret.ts";

export type Redact = (text: string) => string;

export const MASK = "***";

export function createRedactor(secrets: Iterable<Secret | string | undefined>): Redact {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    const value = secret instanceof Secret ? secret.reveal() : secret;
    if (value) for (const spelling of spellingsOf(value)) spellings.add(spelling);
  }
  if (spellings.size === 0) return (text) => text;
  // The longest first: a secret that starts with another one is masked whole.
  const ordered = [...spellings].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(ordered.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
  return (text) => text.replace(pattern, MASK);
}

/** The same over every string of a value, keys included. */
export function redactJson(value: Json, redact: Redact): Json {
  if (typeof value === "string") return redact(value);
  if (isArray(value)) return value.map((element) => redactJson(element, redact));
  if (!isObject(value)) return value;
  const masked: MutableJsonObject = {};
  for (const [key, element] of Object.entries(value)) setMember(masked, redact(key), redactJson(element, redact));
  return masked;
}

export const redactValues = (values: Readonly<Record<string, string>>, redact: Redact): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, redact(value)]));

/** The value of an `authorization` header. */
export const basic = (username: string, password: Secret): Secret =>
  new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString("base64")}`);

/** What an `authorization` header holds after its scheme; masked alone, so that the scheme stays readable. */
export const credentialsOf = (header: Secret): string => header.reveal().replace(/^\S+ /, "");

function spellingsOf(value: string): readonly string[] {
  const percent = encodeURIComponent(value.toWellFormed());
  const base64 = Buffer.from(value).toString("base64");
  return [
    value,
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams([["", value]]).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`),
    value.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign),
    base64,
    base64.replace(/=+$/, ""),
  ];
}

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
