/**
 * Filters of the Icinga 2 API are expressions of its configuration language. A placeholder is data only inside a
 * `"string"`; there backslash, quote and control characters are escaped, so that Icinga reads back exactly the value. In
 * `{{{ text }}}` nothing can be escaped, and in comments (`//`, `#`, slash-star) or between strings a value would be code:
 * refused. So is a placeholder right behind a backslash, where its first character would become an escape.
 *
 * Strings end at an unescaped `"`, may not hold a line break, and know `\n \t \r \b \f \\ \"` and three octal digits.
 */
import type { Expression } from "../expression.ts";
import { weave, type CodeEscape } from "./code-escape.ts";

type State = "code" | "string" | "escape" | "octal-1" | "octal-2" | "triple" | "line-comment" | "block-comment";

const PLACE: Readonly<Record<State, string>> = {
  code: "outside a string",
  string: "in a string",
  escape: "right behind a backslash",
  "octal-1": "right behind an octal escape",
  "octal-2": "right behind an octal escape",
  triple: "inside {{{ }}}",
  "line-comment": "in a comment",
  "block-comment": "in a comment",
};

const IN_STRING: ReadonlySet<State> = new Set(["string", "escape", "octal-1", "octal-2"]);

export const icingaFilter: CodeEscape = {
  kind: "icinga-filter",
  compile(parts, { allowDynamicCode, issues }) {
    const escapes: ((text: string) => string)[] = [];
    let state: State = "code";
    let right = true;
    for (const part of parts) {
      if (typeof part === "string") {
        state = advance(state, part);
      } else if (state === "string") {
        escapes.push(escapeString);
      } else {
        if (!allowDynamicCode || IN_STRING.has(state)) right = refuse(part, state);
        escapes.push((text) => text);
      }
    }
    if (right && escapes.length > 0 && IN_STRING.has(state)) {
      issues.error("dynamic-code", "a string of this Icinga filter does not end", { accepted: 'a closing "' });
      right = false;
    }
    return right ? weave(parts, escapes) : null;

    function refuse(expression: Expression, found: State): false {
      const message = `${expression.source} stands ${PLACE[found]} of an Icinga filter, where an event's value would be code`;
      issues.error("dynamic-code", message, {
        accepted: 'a placeholder inside a string, host.name == "${…}"; else allow_dynamic_code: true on the executor',
      });
      return false;
    }
  },
};

/** The lexical state behind `text`. Openers of two and three characters are not split over placeholders. */
function advance(from: State, text: string): State {
  let state = from;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    switch (state) {
      case "code":
        if (c === '"') state = "string";
        else if (c === "#") state = "line-comment";
        else if (text.startsWith("//", at)) [state, at] = ["line-comment", at + 1];
        else if (text.startsWith("/*", at)) [state, at] = ["block-comment", at + 1];
        else if (text.startsWith("{{{", at)) [state, at] = ["triple", at + 2];
        break;
      case "string":
        if (c === "\\") state = "escape";
        else if (c === '"' || c === "\n") state = "code";
        break;
      case "escape":
        state = /[0-7]/.test(c) ? "octal-1" : "string";
        break;
      case "octal-1":
      case "octal-2":
        if (!/[0-7]/.test(c)) [state, at] = ["string", at - 1];
        else state = state === "octal-1" ? "octal-2" : "string";
        break;
      case "triple":
        if (text.startsWith("}}}", at)) [state, at] = ["code", at + 2];
        break;
      case "line-comment":
        if (c === "\n") state = "code";
        break;
      case "block-comment":
        if (text.startsWith("*/", at)) [state, at] = ["code", at + 1];
        break;
    }
  }
  return state;
}

const SHORT: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
};

const escapeString = (text: string): string =>
  text.replace(/[\\"\u0000-\u001f\u007f]/g, (c) => SHORT[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
