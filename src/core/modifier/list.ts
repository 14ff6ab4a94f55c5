import { dateAndTime } from "./date-and-time.ts";
import { lowercase } from "./lowercase.ts";
import { map } from "./map.ts";
import type { ModifierType } from "./modifier.ts";
import { replaceAll } from "./replace-all.ts";
import { toNumber } from "./to-number.ts";
import { trim } from "./trim.ts";

/** Every modifier; a new one is its file, its test and a line here. */
export const modifierTypes: readonly ModifierType[] = [lowercase, trim, toNumber, map, replaceAll, dateAndTime];
