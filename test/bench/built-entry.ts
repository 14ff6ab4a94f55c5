import { copyFileSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";

/**
 * The launcher as an installation has it, without `src` beside it: then it runs `dist`. `npm run bench` builds that
 * first.
 */
export function builtEntry(): string {
  const home = resolve("bench/package");
  if (!existsSync("dist/main.js")) throw new Error("dist is missing: npm run build");
  mkdirSync(`${home}/bin`, { recursive: true });
  copyFileSync("bin/squall.mjs", `${home}/bin/squall.mjs`);
  if (!existsSync(`${home}/dist`)) symlinkSync(resolve("dist"), `${home}/dist`);
  return `${home}/bin/squall.mjs`;
}
