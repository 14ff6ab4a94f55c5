/**
 * Syslog over TCP comes in one of two framings (RFC 6587), and nothing announces which: `123 <34>…`, where the number
 * counts the bytes after the space, or messages that end with LF. The first bytes of a connection tell: a message begins
 * with its priority, so digits, a space and `<` are a count. The framing then holds for the whole connection.
 */
import type { Message } from "./support/message-documents.ts";
import { lineFramer, trimEnd, type Framer } from "./support/message-framer.ts";
import { StreamFault } from "./support/stream-fault.ts";

const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const LESS = 0x3c;
/** Of a count: up to 9,999,999 bytes are written so. */
const MAX_DIGITS = 7;

export function syslogFramer(maxBytes: number): Framer {
  let chosen: Framer | null = null;
  let first: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      if (chosen) return chosen.push(chunk);
      first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      const counts = beginsWithCount(first);
      if (counts === undefined) return [];
      chosen = counts ? countFramer(maxBytes) : lineFramer(maxBytes);
      const begin = first;
      first = Buffer.alloc(0);
      return chosen.push(begin);
    },
    get fault() {
      return chosen ? chosen.fault : null;
    },
    end() {
      if (chosen) return chosen.end();
      const bytes = trimEnd(first);
      return bytes.length === 0 ? null : { bytes };
    },
    get held() {
      return chosen ? chosen.held : first.length;
    },
  };
}

/** Undefined: more bytes are needed to tell. */
function beginsWithCount(bytes: Buffer): boolean | undefined {
  let digits = 0;
  while (digits < bytes.length && isDigit(bytes[digits]!)) digits++;
  if (digits === 0) return bytes.length === 0 ? undefined : false;
  if (digits > MAX_DIGITS || bytes[0] === ZERO) return false;
  if (digits === bytes.length) return undefined;
  if (bytes[digits] !== SPACE) return false;
  return digits + 1 === bytes.length ? undefined : bytes[digits + 1] === LESS;
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

function countFramer(maxBytes: number): Framer {
  let parts: Buffer[] = [];
  let held = 0;
  /** Bytes of the message being read; null: its count is being read. */
  let wanted: number | null = null;
  let fault: StreamFault | null = null;

  function readCount(): boolean {
    const bytes = joined();
    let at = 0;
    while (at < bytes.length && isDigit(bytes[at]!)) at++;
    if (at > MAX_DIGITS || (at < bytes.length && (at === 0 || bytes[at] !== SPACE)))
      fault = new StreamFault("bad_frame", "no count and a space where the length of a message is expected");
    if (fault || at === bytes.length) return false;
    wanted = Number(bytes.toString("latin1", 0, at));
    if (wanted > maxBytes) {
      fault = new StreamFault("too_large", `a message of ${wanted} bytes; accepted: up to ${maxBytes}`);
      return false;
    }
    keep(bytes.subarray(at + 1));
    return true;
  }

  const joined = (): Buffer => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  const keep = (rest: Buffer): void => {
    parts = rest.length > 0 ? [rest] : [];
    held = rest.length;
  };

  function* complete(): Generator<Message> {
    while (held > 0 || wanted === 0) {
      if (wanted === null) {
        // Some senders end a counted message with LF that the count leaves out.
        keep(withoutLineEnds(joined()));
        if (held === 0 || !readCount()) return;
      }
      if (held < wanted!) return;
      const bytes = joined();
      const message = trimEnd(bytes.subarray(0, wanted!));
      keep(bytes.subarray(wanted!));
      wanted = null;
      if (message.length > 0) yield { bytes: message };
    }
  }

  return {
    push(chunk) {
      parts.push(chunk);
      held += chunk.length;
      if (wanted !== null && held < wanted) return [];
      return [...complete()];
    },
    get fault() {
      return fault;
    },
    end() {
      if (wanted === null && held === 0) return null;
      // Less than was announced: kept as it is, because nobody will send it again.
      const bytes = trimEnd(joined());
      return wanted === null || bytes.length === 0 ? null : { bytes };
    },
    get held() {
      return held;
    },
  };
}

function withoutLineEnds(bytes: Buffer): Buffer {
  let begin = 0;
  while (bytes[begin] === 0x0a || bytes[begin] === 0x0d) begin++;
  return begin === 0 ? bytes : bytes.subarray(begin);
}
