import type { CodeEscape } from "./code-escape.ts";
import { icingaFilter } from "./icinga-filter.ts";
import { url } from "./url.ts";

/** Every kind of code; a new one is its file, its test and a line here. */
export const codeEscapes: readonly CodeEscape[] = [icingaFilter, url];
