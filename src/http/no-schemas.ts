/**
 * For fastify's `schemaController`. No route declares a schema to fastify: what comes in is checked by zod. Without this
 * the compilers of such schemas are loaded at each start, for a tenth of its time.
 */
export const noSchemas = { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } };

function refuse(): never {
  throw new Error("a route declares a schema to fastify; routes are checked by zod");
}
