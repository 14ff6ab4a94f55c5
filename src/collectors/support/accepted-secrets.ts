/**
 * Is a candidate one of the accepted values? Digests are compared, and always with all of them, so that the time tells
 * neither where values differ, nor how long they are, nor which of them was nearly met.
 */
import { createHash, timingSafeEqual } from "node:crypto";

export function createAccepted(values: readonly string[]): (candidate: string) => boolean {
  const accepted = values.map(digest);
  return (candidate) => {
    const found = digest(candidate);
    let fits = false;
    for (const each of accepted) fits = timingSafeEqual(found, each) || fits;
    return fits;
  };
}

const digest = (value: string): Buffer => createHash("sha256").update(value).digest();

/** `Authorization: SCHEME VALUE` → the scheme in lower case and the value; both empty without the header. */
export function readAuthorization(header: string | string[] | undefined): {
  readonly scheme: string;
  readonly value: string;
} {
  const text = typeof header === "string" ? header.trim() : "";
  const space = text.indexOf(" ");
  if (space < 0) return { scheme: text.toLowerCase(), value: "" };
  return { scheme: text.slice(0, space).toLowerCase(), value: text.slice(space + 1).trim() };
}

export const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");
