import { indexMatch } from "./index-match.ts";
import { keyMatch } from "./key-match.ts";
import { namedMatch } from "./named-match.ts";
import type { RegexForm } from "./regex-form.ts";

/** Every form of `regex:` in an extractor; a new one is its file, its test and a line here. */
export const regexForms: readonly RegexForm[] = [indexMatch, namedMatch, keyMatch];
