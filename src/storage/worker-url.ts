/**
 * The URL of a module to run in a thread, beside the caller: `name.ts` where the caller is TypeScript run from `src`,
 * `name.js` where it is built. `tsc` does not rewrite such names.
 */
export const workerUrl = (name: string, callerUrl: string): URL =>
  new URL(`${name}${/\.[jt]s$/.exec(new URL(callerUrl).pathname)?.[0] ?? ".js"}`, callerUrl);
