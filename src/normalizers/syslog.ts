/** Syslog messages, each a text: of RFC 5424 where they have its form, else read as RFC 3164 and its variants. */
import { defineNormalizer, type InputContext } from "../component/define-normalizer.ts";
import type { EventDraft } from "../core/event/event.ts";
import { levelOfSyslog } from "../core/event/severity.ts";
import type { Json, MutableJsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { kindOf } from "./support.ts";
import { read3164 } from "./syslog-3164.ts";
import { read5424 } from "./syslog-5424.ts";
import { DEFAULT_PRIORITY, priorityOf, readPriority } from "./syslog-priority.ts";

export const syslog = defineNormalizer({
  format: "syslog",
  summary:
    "Syslog messages as text, of RFC 5424 and RFC 3164, with variants of Cisco and rsyslog; what cannot be told apart is `message`. A time without a year is in the latest year that puts it at most a week ahead of its receipt, one without a zone in `timezone` of the collector, else UTC. Over UDP and TCP the sender's address stands in for a missing host name. In the body of a request every line is a message, but a line without a priority goes on with the one before it.",
  recognizes: () => false, // a message is a text, never an object
  normalize(document, context) {
    if (typeof document !== "string") return err(`a syslog message is a text, this is ${kindOf(document)}`);
    const messages = messagesIn(document, context);
    if (messages.length > MAX_MESSAGES)
      return err(`a body holds up to ${MAX_MESSAGES} syslog messages, this one ${messages.length}`);
    const drafts = messages.map((text) => draftOf(text, context));
    return drafts.length > 0 ? ok(drafts) : err("a syslog message is a text, this is an empty one");
  },
  examples: [
    {
      title: "RFC 5424",
      document:
        '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"] \ufeffAn application event log entry',
      events: [
        {
          type: "syslog",
          created_ms: 1065910455003,
          payload: {
            priority: 165,
            facility: 20,
            facility_name: "local4",
            severity: 5,
            severity_name: "notice",
            severity_level: "notice",
            version: 1,
            timestamp: "2003-10-11T22:14:15.003Z",
            hostname: "mymachine.example.com",
            app_name: "evntslog",
            message_id: "ID47",
            structured_data: { "exampleSDID@32473": { iut: "3", eventSource: "Application" } },
            message: "An application event log entry",
          },
        },
      ],
    },
    {
      title: "RFC 3164, as rsyslog forwards it",
      document: "<34>2024-05-02T09:14:07.123+02:00 mymachine su[77]: 'su root' failed for lonvick on /dev/pts/8",
      events: [
        {
          type: "syslog",
          created_ms: 1714634047123,
          payload: {
            priority: 34,
            facility: 4,
            facility_name: "auth",
            severity: 2,
            severity_name: "crit",
            severity_level: "critical",
            timestamp: "2024-05-02T09:14:07.123+02:00",
            hostname: "mymachine",
            app_name: "su",
            process_id: "77",
            message: "'su root' failed for lonvick on /dev/pts/8",
          },
        },
      ],
    },
  ],
});

/** They are read at one go, which takes about 50 ms. */
const MAX_MESSAGES = 5000;

/** A message that came by itself is one, whatever is in it, so that nobody can slip a second one into a text. */
function messagesIn(document: string, { method }: InputContext): readonly string[] {
  if (method === undefined) return [document].map(trimEnd).filter((text) => text !== "");
  const lines = document.split(/\r?\n/);
  const first = lines.find((line) => line !== "") ?? "";
  if (!readPriority(first)) return lines.map(trimEnd).filter((line) => line !== "");
  const messages: string[] = [];
  for (const line of lines) {
    if (readPriority(line)) messages.push(line);
    else if (messages.length > 0) messages.push(`${messages.pop()}\n${line}`);
  }
  return messages.map(trimEnd);
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && "\r\n\0".includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function draftOf(text: string, context: InputContext): EventDraft {
  const found = readPriority(text);
  const priority = priorityOf(found ? found.priority : DEFAULT_PRIORITY);
  const rest = found ? text.slice(found.end) : text;
  const read = (found && read5424(rest)) || read3164(rest, context.receivedMs, context.zone);
  const { createdMs, hostname = addressOf(context), ...fields } = read;
  const { message, version, timestamp, sequence, ...names } = fields;
  const payload: MutableJsonObject = { ...priority };
  const set = (key: string, value: Json | undefined): void => {
    if (value !== undefined) payload[key] = value;
  };
  set("severity_level", levelOfSyslog(priority.severity));
  set("version", version);
  set("timestamp", timestamp);
  set("sequence", sequence);
  set("hostname", hostname);
  for (const [key, value] of Object.entries(names)) set(key, value);
  set("message", message);
  return { type: "syslog", ...(createdMs === undefined ? {} : { created_ms: createdMs }), payload };
}

/** Of the sender itself; a request may come from anywhere between. */
const addressOf = ({ method, remoteAddress }: InputContext): string | undefined =>
  method === undefined ? remoteAddress : undefined;
