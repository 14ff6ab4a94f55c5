/** Colours of what commands draw. */
import { type Host, wantsColour } from "../app/host.ts";

export type Paint = (style: keyof typeof CODES, text: string) => string;

const CODES = { good: "32", bad: "31;1", warned: "33", dim: "2", strong: "1" } as const;

/** For standard output. */
export const painter = (host: Host): Paint =>
  wantsColour(host.outIsTerminal, host.env)
    ? (style, text) => `\u001B[${CODES[style]}m${text}\u001B[0m`
    : (_, text) => text;
