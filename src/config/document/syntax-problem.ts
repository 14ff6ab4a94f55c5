/** Mistakes of syntax as the YAML reader finds them → our words. Its own never quote more than a sign, so nothing leaks. */
import type { YAMLParseError } from "yaml";

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly accepted?: string;
  /** UTF-16 offset in the text. */
  readonly offset: number;
}

type Words = Pick<Problem, "message" | "accepted">;

const BY_CODE: Readonly<Partial<Record<YAMLParseError["code"], Words>>> = {
  TAB_AS_INDENT: { message: "a tab as indentation", accepted: "spaces" },
  NON_STRING_KEY: { message: "a key that is not text", accepted: "a text as key" },
  MULTIPLE_DOCS: { message: "a second document in one file", accepted: "one document a file" },
  DUPLICATE_KEY: { message: "a key is given twice" },
};

/** By how the reader's message begins; `$1` is a sign it names. */
const BY_MESSAGE: readonly (readonly [RegExp, string, string?])[] = [
  [
    /^Nested mappings are not allowed.*/,
    "a ': ' inside this value, or a line after it that stands too far right",
    "a value with ': ' in quotes",
  ],
  [/^Missing closing (["']).*/, "a text begins with $1 and does not end"],
  [/^Missing (,|, or :) between flow (?:map|sequence|collection) items.*/, "$1 is missing before this"],
  [/^Missing space after :.*/, "a space is missing after ':'"],
  [/^Flow (?:map|sequence).*end with an? (.).*/, "$1 is missing, or stands too far left"],
  [
    /^Flow end indicator.*/,
    "the closing bracket stands too far left",
    "more indentation than the line that opens it has",
  ],
  [/^Implicit map keys need to be followed by map values.*/, "a text where a key is expected", "key: value"],
  [/^Implicit keys need to be on a single line.*/, "a key over several lines", "key: value"],
  [
    /^All (?:mapping|collection|sequence) items must start at the same column.*/,
    "indented otherwise than what stands beside it",
  ],
  [/^Sequence item without - indicator.*/, "a list element without '- '"],
  [/^Block scalar values in collections must be indented.*/, "a text block without indentation"],
  [
    /^Plain value cannot start with (?:reserved character )?(.).*/,
    "a text without quotes begins with $1",
    "quotes around it",
  ],
  [/^Comments must be separated.*/, "no space before a comment"],
  [/^Unexpected (,|empty item) in .*/, "$1 where a value is expected"],
  [/^Invalid escape sequence (\\.).*/, "$1 in a text in double quotes", "\\\\ for a backslash, or single quotes: '…'"],
  [/^A block sequence may not be used as an implicit map key.*/, "a list where a key is expected", "key: value"],
];

export function syntaxProblem(error: YAMLParseError, text: string): Problem {
  const offset = error.pos[0];
  if (text[offset] === "{" && text[offset - 1] === "$")
    return {
      code: "syntax",
      message: "${…} without quotes inside {…} or […]",
      accepted: 'quotes around it: "${…}"',
      offset: offset - 1,
    };
  if (error.code === "RESOURCE_EXHAUSTION") return { code: "too-deep", message: "nested too deep", offset };
  return { code: "syntax", ...(BY_CODE[error.code] ?? wordsOf(error.message)), offset };
}

/** Where YAML that is no JSON departs from it: a comment, a quote, a comma too many, a bare word. */
export function whereNotJson(text: string): number {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => " ".repeat(quoted.length));
  const departure = /[^\s{}[\]:,\w.+-]|,\s*[}\]]|\b(?!true\b|false\b|null\b)[A-Za-z_]\w*/.exec(bare);
  return departure?.index ?? 0;
}

function wordsOf(message: string): Words {
  for (const [pattern, words, accepted] of BY_MESSAGE)
    if (pattern.test(message))
      return {
        message: message.split("\n")[0]!.replace(pattern, words),
        ...(accepted === undefined ? {} : { accepted }),
      };
  // The rest is rare; what it quotes of the file is left out.
  return { message: (message.charAt(0).toLowerCase() + message.slice(1)).replace(/[.:].*$/s, "") };
}
