/**
 * A payload is kept as text, and where a part of it is sent as it is, that part of the text is what printing it again
 * would give. Its place is known by what stands around it, so that the part itself is not read.
 *
 * `text` must come from `printJson`, and `object` from reading it. Then every member is there once and has one text; the
 * exception is text with a lone surrogate, which is printed as an escape and read as U+FFFD, and therefore never taken.
 * Where the text begins with `head` and ends with `tail`, which both stop between two members, and all other keys are in
 * them, what is left is the member's value: no string holds a comma and a quote behind it that begins a key.
 */
import { printJson, type JsonObject } from "../../core/json.ts";

interface Around {
  readonly head: string;
  readonly tail: string;
  /** How many members the object has, with the one in between. */
  readonly members: number;
}

/** Gives the text of one member of objects that are much alike; undefined where it has to be printed. */
export function memberCutter(name: string): (text: string, object: JsonObject) => string | undefined {
  // What an action sends beside the member is mostly what it sent before: compared sooner than printed.
  let last: Around = { head: "{", tail: "}", members: 0 };
  return (text, object) => {
    const keys = Object.keys(object);
    if (last.members !== keys.length || !isAround(text, last)) {
      const own = around(name, keys, object);
      if (own === undefined || !isAround(text, own)) return undefined;
      last = own;
    }
    return text.includes(SURROGATE) ? undefined : text.slice(last.head.length, text.length - last.tail.length);
  };
}

const isAround = (text: string, { head, tail }: Around): boolean => text.startsWith(head) && text.endsWith(tail);

function around(name: string, keys: readonly string[], object: JsonObject): Around | undefined {
  const at = keys.indexOf(name);
  if (at < 0) return undefined;
  const members = keys.map((key) => `${printJson(key)}:${key === name ? "" : printJson(object[key]!)}`);
  const head = `{${members.slice(0, at + 1).join(",")}`;
  const tail = `${members
    .slice(at + 1)
    .map((member) => `,${member}`)
    .join("")}}`;
  return { head, tail, members: keys.length };
}

/** How the escape of a surrogate begins. Control characters are the only others that are printed as `\u`, with a 0. */
const SURROGATE = "\\ud";
