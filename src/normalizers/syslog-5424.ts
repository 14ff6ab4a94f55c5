/**
 * RFC 5424: `<PRI>VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]`, one space between; `-` stands
 * for a value that is not there. Structured data is `-` or elements `[ID NAME="VALUE" …]` one after the other; in a value
 * `\"`, `\\` and `\]` stand for the character, any other backslash for itself. Text in UTF-8 may begin with a byte order
 * mark.
 */
import { timestampMs } from "../core/event/timestamp.ts";
import { isArray, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../core/json.ts";
import type { SyslogMessage } from "./syslog-message.ts";

const HEADER =
  /^([1-9]\d{0,2}) (-|\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)) (\S+) (\S+) (\S+) (\S+)(?: |$)/;

/** `text` is what follows the priority; null: it is not of this form. */
export function read5424(text: string): SyslogMessage | null {
  const header = HEADER.exec(text);
  if (!header) return null;
  const [all, version, timestamp = "", hostname, appName, processId, messageId] = header;
  const rest = text.slice(all.length);
  const structured = readStructuredData(rest);
  const createdMs = timestampMs(timestamp);
  return {
    version: Number(version),
    ...given("timestamp", timestamp),
    ...given("hostname", hostname),
    ...given("app_name", appName),
    ...given("process_id", processId),
    ...given("message_id", messageId),
    ...(structured?.data ? { structured_data: structured.data } : {}),
    // What is no structured data is kept as text, whole.
    message: plain(structured ? rest.slice(structured.end) : rest),
    ...(createdMs === undefined ? {} : { createdMs }),
  };
}

const given = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined || value === "-" ? {} : ({ [key]: value } as Record<K, string>); // a computed key loses its type

/** Without a byte order mark; and without the space that rsyslog's own template writes before each text. */
const plain = (text: string): string => (text.startsWith("\ufeff") || text.startsWith(" ") ? text.slice(1) : text);

interface StructuredData {
  /** Null: there is none. */
  readonly data: JsonObject | null;
  /** Where the message begins. */
  readonly end: number;
}

const NAME = /[^\s=\]"]+/y;

/** Null: it is not well-formed. */
function readStructuredData(text: string): StructuredData | null {
  if (text === "" || text === "-" || text.startsWith("- ")) return { data: null, end: Math.min(text.length, 2) };
  const data: MutableJsonObject = {};
  let at = 0;
  while (text[at] === "[") {
    const id = nameAt(text, at + 1);
    if (id === null) return null;
    at += 1 + id.length;
    const known = member(data, id);
    const element: MutableJsonObject =
      typeof known === "object" && known !== null && !isArray(known) ? { ...known } : {};
    while (text[at] === " ") {
      const name = nameAt(text, at + 1);
      if (name === null) return null;
      at += 1 + name.length;
      if (!text.startsWith('="', at)) return null;
      const value = readValue(text, at + 2);
      if (!value) return null;
      at = value.end;
      add(element, name, value.value);
    }
    if (text[at] !== "]") return null;
    setMember(data, id, element);
    at++;
  }
  if (at === 0 || (at < text.length && text[at] !== " ")) return null;
  return { data, end: Math.min(text.length, at + 1) };
}

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? null;
}

/** `at` is behind the opening quote; `end` behind the closing one. */
function readValue(text: string, at: number): { readonly value: string; readonly end: number } | null {
  let value = "";
  for (let from = at, i = at; i < text.length; i++) {
    const char = text[i];
    if (char === '"') return { value: value + text.slice(from, i), end: i + 1 };
    if (char !== "\\") continue;
    const next = text[i + 1];
    if (next === '"' || next === "\\" || next === "]") {
      value += text.slice(from, i);
      from = ++i; // the character itself, and not to be looked at again
    }
  }
  return null;
}

/** A name that comes again makes a list. */
function add(element: MutableJsonObject, name: string, value: Json): void {
  const known = member(element, name);
  setMember(element, name, known === undefined ? value : isArray(known) ? [...known, value] : [known, value]);
}
