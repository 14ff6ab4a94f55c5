import { access, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { AppError } from "../component/app-error.ts";
import type { Store } from "../component/store.ts";

/** A backup never overwrites: the name may be a slip, and the file the only other copy. */
export async function backupTo(file: string, store: Pick<Store, "backup">): Promise<{ file: string; bytes: number }> {
  if (!isAbsolute(file)) throw new AppError("bad_request", `${JSON.stringify(file)} is no absolute path`);
  if (await exists(file)) throw new AppError("conflict", `${file} exists; a backup never overwrites a file`);
  await store.backup(file);
  return { file, bytes: (await stat(file)).size };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
