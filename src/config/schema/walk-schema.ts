/** What a zod schema says about a path: the schemas that may apply there, through wrappers and unions. */
import type { z } from "zod";
import type { DocumentPath } from "../../core/diagnostic.ts";

/** The parts of a zod definition that are looked at; zod's own union of them has dozens of members. */
export interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly defaultValue?: unknown;
}

/** Every schema has its definition there; its static type tells less. */
export const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;

const WRAPPERS = new Set(["optional", "default", "prefault", "nullable", "nonoptional", "readonly", "catch"]);

/** The schema and those it wraps, outermost first, up to the first that is no wrapper; of a transform its input. */
export function layersOf(schema: z.ZodType): readonly z.ZodType[] {
  const { type, innerType, in: input } = definitionOf(schema);
  if (WRAPPERS.has(type) && innerType) return [schema, ...layersOf(innerType)];
  return type === "pipe" && input ? [schema, ...layersOf(input)] : [schema];
}

/** What is left without wrappers: a union gives each of its options. */
export function coresOf(schema: z.ZodType): readonly z.ZodType[] {
  const core = layersOf(schema).at(-1)!;
  const { type, options } = definitionOf(core);
  return type === "union" && options ? options.flatMap(coresOf) : [core];
}

export function schemasAt(schema: z.ZodType, path: DocumentPath): readonly z.ZodType[] {
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  return coresOf(schema).flatMap((core) => {
    const { shape, element, valueType } = definitionOf(core);
    const inner = shape && Object.hasOwn(shape, step) ? shape[step] : (element ?? valueType);
    return inner ? schemasAt(inner, rest) : [];
  });
}

/** Keys that an object there may have. */
export const keysAt = (schema: z.ZodType, path: DocumentPath): readonly string[] => [
  ...new Set(
    schemasAt(schema, path)
      .flatMap(coresOf)
      .flatMap((core) => Object.keys(definitionOf(core).shape ?? {})),
  ),
];

/** Whether values there are secrets, by `secret()` somewhere on the way. */
export const isSecret = (schema: z.ZodType, path: DocumentPath): boolean =>
  path.some((_, depth) => schemasAt(schema, path.slice(0, depth + 1)).some(hasSecretLayer));

const hasSecretLayer = (schema: z.ZodType): boolean =>
  layersOf(schema).some((layer) => layer.meta()?.["secret"] === true) ||
  (definitionOf(layersOf(schema).at(-1)!).options ?? []).some(hasSecretLayer);

/** Every key that a schema names, at any depth: does a `secret()` lie there? */
export function secretKeys(schema: z.ZodType): ReadonlyMap<string, boolean> {
  const keys = new Map<string, boolean>();
  const visit = (from: z.ZodType, key: string | undefined): void => {
    if (key !== undefined) keys.set(key, keys.get(key) === true || hasSecretLayer(from));
    for (const core of coresOf(from)) {
      const { shape, element, valueType } = definitionOf(core);
      for (const [name, inner] of Object.entries(shape ?? {})) visit(inner, name);
      if (element) visit(element, key);
      if (valueType) visit(valueType, key);
    }
  };
  visit(schema, undefined);
  return keys;
}
