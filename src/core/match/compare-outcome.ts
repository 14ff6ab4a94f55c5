/** Expected values against found ones: objects by the keys given, arrays by length and element, numbers mathematically. */
import { isArray, isObject, member, type Json } from "../json.ts";
import { equalValues } from "../operator/compare.ts";

export interface Difference {
  /** `actions[0].payload.text` */
  readonly path: string;
  readonly expected: Json;
  /** Absent: nothing is there. */
  readonly found?: Json;
}

export function differences(expected: Json, found: Json | undefined, path: string): readonly Difference[] {
  if (isObject(expected) && isObject(found))
    return Object.keys(expected).flatMap((key) =>
      differences(member(expected, key)!, member(found, key), `${path}.${keyText(key)}`),
    );
  if (isArray(expected) && isArray(found) && expected.length === found.length)
    return expected.flatMap((element, at) => differences(element, found[at], `${path}[${at}]`));
  if (!isObject(expected) && !isArray(expected) && equalValues(expected, found)) return [];
  return [{ path, expected, ...(found !== undefined && { found }) }];
}

const keyText = (key: string): string => (/^[\w$@-]+$/.test(key) ? key : JSON.stringify(key));
