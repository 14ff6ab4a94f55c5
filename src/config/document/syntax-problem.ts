/** Mistakes of syntax as the YAML reader finds them → our words. */
import type { YAMLParseError } from "yaml";

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly accepted?: string;
  /** UTF-16 offset in the text. */
  readonly offset: number;
}

const MESSAGES: Readonly<
  Partial<Record<YAMLParseError["code"], { readonly message: string; readonly accepted?: string }>>
> = {
  TAB_AS_INDENT: { message: "a tab as indentation", accepted: "spaces" },
  NON_STRING_KEY: { message: "a key that is not text", accepted: "a text as key" },
  MULTIPLE_DOCS: { message: "a second document in one file", accepted: "one document a file" },
  RESOURCE_EXHAUSTION: { message: "nested too deep" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second ':' in one line",
    accepted: "a value with ': ' in quotes, or on a line of its own",
  },
  DUPLICATE_KEY: { message: "a key is given twice" },
};

export function syntaxProblem(error: YAMLParseError, text: string): Problem {
  const offset = error.pos[0];
  if (text[offset] === "{" && text[offset - 1] === "$")
    return {
      code: "syntax",
      message: "${…} without quotes inside {…} or […]",
      accepted: 'quotes around it: "${…}"',
      offset,
    };
  const known = MESSAGES[error.code];
  return { code: "syntax", ...(known ?? { message: ours(error.message) }), offset };
}

/** Lower case, no full stop; quotation marks as elsewhere. */
const ours = (message: string): string =>
  (message.charAt(0).toLowerCase() + message.slice(1)).replace(/[.:]+$/, "").slice(0, 200);
