/**
 * Mustache templates, parsed by the package `mustache` and checked. The package only parses: what it renders with looks at
 * inherited members, calls functions and knows no JSON, and its own `parse` keeps every template for the life of the process.
 *
 *     {{name}}  {{&name}}  {{{name}}}         a value
 *     {{#name}} … {{/name}}  {{^name}} …      a section; the inverted one for what is false, missing or an empty list
 *     {{! text }}                             a comment
 *
 * A name is a path of the rule language without white space and operators, or `.`, the element of the section around it.
 * Partials and other delimiters are refused.
 */
import mustache, { type TemplateSpans } from "mustache";
import type { IssueSink } from "../../diagnostic.ts";
import { parsePath, printPath, type Path } from "../../path.ts";
import { suggest } from "../../suggest.ts";

export type MustacheNode = string | MustacheValue | MustacheSection;

export interface MustacheValue {
  readonly kind: "value";
  readonly name: MustacheName;
  /** `&` and triple braces: not escaped where the text is HTML. */
  readonly raw: boolean;
  /** Where its tag begins in the template. */
  readonly at: number;
}

export interface MustacheSection {
  readonly kind: "section";
  readonly name: MustacheName;
  readonly inverted: boolean;
  readonly nodes: readonly MustacheNode[];
  readonly at: number;
}

/** Null: `.`, the element of the innermost section. */
export type MustacheName = Path | null;

/** Sections in sections. */
const DEEPEST = 50;

/** Null after the mistakes were reported. */
export function parseMustache(
  source: string,
  roots: readonly string[],
  issues: IssueSink,
): readonly MustacheNode[] | null {
  const spans = spansOf(source, issues);
  if (spans === null) return null;
  let right = true;
  const nodes = nodesOf(spans, 0);
  return right ? nodes : null;

  function nodesOf(list: TemplateSpans, depth: number): readonly MustacheNode[] {
    return list.flatMap((span): MustacheNode[] => {
      const [kind, name, at] = span;
      if (kind === "text") return [name];
      if (kind === "!") return [];
      if (kind === ">" || kind === "=") {
        report(kind === ">" ? "partials are not supported" : "delimiters cannot be changed", at);
        return [];
      }
      const path = readName(name, depth, at);
      if (path === undefined) return [];
      if (kind === "name" || kind === "&") return [{ kind: "value", name: path, raw: kind === "&", at }];
      if (depth === DEEPEST) {
        report(`sections are nested deeper than ${DEEPEST} levels`, at);
        return [];
      }
      // A section's span holds the spans inside it; the types do not tell them from closing tags.
      return [
        {
          kind: "section",
          name: path,
          inverted: kind === "^",
          nodes: nodesOf(span[4] as TemplateSpans, depth + 1),
          at,
        },
      ];
    });
  }

  function readName(name: string, depth: number, at: number): MustacheName | undefined {
    if (name === ".") return depth > 0 ? null : report("{{.}} stands in no section", at);
    const path = parsePath(name);
    if (!path.ok && /\||\?\?/.test(name)) return report(`filters and ?? belong to \${…}, found {{${name}}}`, at);
    if (!path.ok) return report(path.error, at);
    const { root } = path.value;
    // Inside a section it may be a member of what the section is about.
    if (depth > 0 || (typeof root === "string" && roots.includes(root))) return path.value;
    const suggestion = typeof root === "string" ? suggest(root, roots) : undefined;
    return report(`unknown root ${JSON.stringify(printPath({ root, steps: [] }))}`, at, {
      accepted: roots.join(", "),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  function report(message: string, at: number, more?: { accepted?: string; suggestion?: string }): undefined {
    right = false;
    issues.error("bad-mustache", `${message} at ${placeOf(source, at)}`, more);
  }
}

/** Line and column in a template, which a message gives since a file knows only where the template begins. */
export function placeOf(source: string, at: number): string {
  const before = source.slice(0, at).split("\n");
  return `line ${before.length}, column ${before.at(-1)!.length + 1} of the template`;
}

function spansOf(source: string, issues: IssueSink): TemplateSpans | null {
  const writer = new mustache.Writer();
  try {
    return writer.parse(source, ["{{", "}}"]);
  } catch (error) {
    // The package's parser throws for nothing but mistakes of the template; where they began is found here.
    issues.error("bad-mustache", mistakeOf(source) ?? lowerFirst((error as Error).message), {
      accepted: "{{name}}, {{#name}} … {{/name}}, {{^name}} … {{/name}}",
    });
    return null;
  }
}

const TAG = /\{\{(?:\{([^}]*)\}|(?!\{)([#^/!&>=]?)\s*((?:(?!\}\}).)*?)\s*)\}\}/gs;

function mistakeOf(source: string): string | undefined {
  const open: { readonly name: string; readonly at: number }[] = [];
  let end = 0;
  for (const tag of source.matchAll(TAG)) {
    const [text, , type, name = ""] = tag;
    const lone = source.slice(end, tag.index + 1).indexOf("{{");
    if (lone >= 0) return `a tag does not end at ${placeOf(source, end + lone)}`;
    end = tag.index + text.length;
    if (type === "=") return `delimiters cannot be changed at ${placeOf(source, tag.index)}`;
    if (type === "#" || type === "^") open.push({ name, at: tag.index });
    if (type !== "/") continue;
    const section = open.pop();
    if (section === undefined) return `{{/${name}}} closes no section at ${placeOf(source, tag.index)}`;
    if (section.name !== name)
      return `{{/${name}}} at ${placeOf(source, tag.index)} closes the section ${section.name} of ${placeOf(source, section.at)}`;
  }
  const lone = source.indexOf("{{", end);
  if (lone >= 0) return `a tag does not end at ${placeOf(source, lone)}`;
  const [section] = open;
  return section && `the section ${section.name} at ${placeOf(source, section.at)} is not closed`;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
