/**
 * Where the values of a mustache template stand whose text is JSON: inside a string, where they are escaped, or outside,
 * where each is a JSON value of its own. That must be known at load, whatever sections do: a section has to begin and end
 * both in strings or both outside, and a value stands outside only where JSON has a value, between `[ { , :` and `] } , :`.
 * So nothing that an event says can end a string or become part of a literal.
 *
 * This is no check of the JSON: what the author wrote wrong outside of tags stays wrong.
 */
import type { IssueSink } from "../../diagnostic.ts";
import { placeOf, type MustacheNode, type MustacheSection, type MustacheValue } from "./parse-mustache.ts";

/** Outside strings: before a value, in a literal (`12`, `true`), behind a value, right behind a tag. */
type Place = "value" | "word" | "behind" | "tag" | "string" | "escape" | "hex-1" | "hex-2" | "hex-3" | "hex-4";
/** Sections leave or take their text, so that there may be several, all in strings or all outside. */
type Places = ReadonlySet<Place>;

/** The values that stand inside strings; null after the mistakes were reported. */
export function jsonPositions(
  nodes: readonly MustacheNode[],
  source: string,
  issues: IssueSink,
): ReadonlySet<MustacheValue> | null {
  const inStrings = new Set<MustacheValue>();
  let right = true;
  let lastTagAt = 0;
  const end = walk(nodes, new Set(["value"]));
  if (right && !isOutside(end)) report("a string of the JSON text does not end at ", source.length, 'a closing "');
  return right ? inStrings : null;

  function walk(list: readonly MustacheNode[], from: Places): Places {
    let places = from;
    for (let at = 0; at < list.length; at++) {
      const node = list[at]!;
      if (typeof node === "string") places = behindText(node, places);
      else if (node.kind === "value") places = behindValue(node, places);
      else {
        const next = list[at + 1];
        const inside = behindSection(node, places);
        if (isAlternative(node, next)) {
          places = both(inside, behindSection(next, places));
          at++;
        } else places = both(places, inside);
      }
    }
    return places;
  }

  function behindText(text: string, from: Places): Places {
    const places = [...from].map((place) => {
      if (place === "tag" && !/^[\s,:\]}]/.test(text)) report("text touches the value at ", lastTagAt, VALUE_PLACE);
      let now = place;
      for (const c of text) now = step(now, c);
      return now;
    });
    return new Set(places);
  }

  function behindValue(value: MustacheValue, from: Places): Places {
    if (from.has("string")) {
      inStrings.add(value);
      return from;
    }
    if (!checkEscape(value, from)) return new Set(["string"]);
    if ([...from].some((place) => place !== "value"))
      report(
        "the text is JSON, where no value can stand at ",
        value.at,
        `${VALUE_PLACE}; for other text a header content-type: text/plain`,
      );
    lastTagAt = value.at;
    return new Set(["tag"]);
  }

  function behindSection(section: MustacheSection, from: Places): Places {
    if (!checkEscape(section, from)) return new Set(["string"]);
    const inside = walk(section.nodes, from);
    if (isOutside(inside) === isOutside(from) && ![...inside].some(isEscape)) return inside;
    const [begins, ends] = isOutside(from) ? ["outside", "inside"] : ["inside", "outside"];
    report(
      `a section begins ${begins} a string of the JSON text and ends ${ends} one, at `,
      section.at,
      "both in strings or both outside",
    );
    return from;
  }

  function checkEscape({ at }: MustacheValue | MustacheSection, from: Places): boolean {
    if (![...from].some(isEscape)) return true;
    report(
      "a tag stands right behind a backslash of a JSON string at ",
      at,
      "\\\\{{name}} for a backslash and a value",
    );
    return false;
  }

  function report(message: string, at: number, accepted: string): void {
    right = false;
    issues.error("bad-mustache", message + placeOf(source, at), { accepted });
  }
}

const VALUE_PLACE = '{{name}} for a whole JSON value, "…{{name}}…" for text in a string';

const isEscape = (place: Place): boolean => place === "escape" || place.startsWith("hex");
const isOutside = (places: Places): boolean => ![...places].some((place) => place === "string" || isEscape(place));
const both = (one: Places, other: Places): Places => new Set([...one, ...other]);

/** `{{#a}}…{{/a}}{{^a}}…{{/a}}`: exactly one of them is there. */
const isAlternative = (node: MustacheSection, next: MustacheNode | undefined): next is MustacheSection =>
  typeof next === "object" &&
  next.kind === "section" &&
  next.inverted !== node.inverted &&
  JSON.stringify(next.name) === JSON.stringify(node.name);

function step(place: Place, c: string): Place {
  switch (place) {
    case "string":
      return c === '"' ? "behind" : c === "\\" ? "escape" : "string";
    case "escape":
      return c === "u" ? "hex-1" : "string";
    case "hex-1":
      return "hex-2";
    case "hex-2":
      return "hex-3";
    case "hex-3":
      return "hex-4";
    case "hex-4":
      return "string";
    default:
      if (c === '"') return "string";
      if ("[{,:".includes(c)) return "value";
      if (c === "]" || c === "}") return "behind";
      if (/\s/.test(c)) return place === "value" ? "value" : "behind";
      return "word";
  }
}
