/** What collectors remember over restarts: one small JSON file each, beside the store, replaced whole. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../component/app-error.ts";
import type { CollectorMemory } from "../component/define-collector.ts";
import { parseJson, printJson } from "../core/json.ts";

/** `collectorId` is of letters, digits, `_`, `.` and `-` (collector-options.ts); the ending keeps `..` harmless. */
export function collectorMemory(storePath: string, collectorId: string): CollectorMemory {
  const file = join(dirname(storePath), "collectors", `${collectorId}.json`);
  return {
    async load() {
      const text = await readIfThere(file);
      if (text === undefined) return undefined;
      const value = parseJson(text);
      if (value.ok) return value.value;
      throw new AppError("internal", `${file} does not hold what the collector saved: ${value.error.message}`);
    },
    async save(value) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const fresh = `${file}.new`;
      const handle = await open(fresh, "w", 0o600);
      try {
        await handle.writeFile(printJson(value));
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(fresh, file);
    },
  };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
