/** Watches the folders of a configuration; a burst of changes (an editor, a checkout) is told once, when it is over. */
import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/logger.ts";

const QUIET_MS = 300;

export interface WatchOptions {
  readonly dir: string;
  /** Names of folders below `dir`; one that is made later is watched from then on. */
  readonly folders: readonly string[];
  readonly onChange: () => void;
}

export function watchFiles(
  { dir, folders, onChange }: WatchOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): () => void {
  const watchers = new Map<string, FSWatcher>();
  let cancel: () => void = () => undefined;
  const changed = (): void => {
    cancel();
    cancel = clock.after(QUIET_MS, onChange);
  };
  const open = (path: string, recursive: boolean, run: (name: string | null) => void): void => {
    try {
      const watcher = watch(path, { recursive, persistent: false }, (_kind, name) => run(name));
      watcher.on("error", (error) => {
        logger.warn({ err: error, path }, "the folder is no longer watched; send SIGHUP to reload");
        close(path);
      });
      watchers.set(path, watcher);
    } catch (error) {
      // A missing folder is fine; at any other cause the process runs on without watching it.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        logger.warn({ err: error, path }, "the folder is not watched; send SIGHUP to reload");
    }
  };
  const close = (path: string): void => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };
  const openFolder = (folder: string): void => {
    close(join(dir, folder));
    open(join(dir, folder), true, changed);
  };
  for (const folder of folders) openFolder(folder);
  open(dir, false, (name) => {
    if (name === null || !folders.includes(name)) return;
    openFolder(name);
    changed();
  });
  return () => {
    cancel();
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };
}
