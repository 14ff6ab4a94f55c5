/**
 * Files that lines are appended to. The last used stay open, up to a number and a time; a line is one write, so that a
 * reader never sees half of one. A line that was cut short all the same (full disk, crash) is ended before the next.
 *
 * Everything here happens inside `exclusive`, one piece of work after the other: order and rotation follow from that.
 */
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/logger.ts";
import { setAside, tidy, type Tidying } from "./rotated-files.ts";

export interface ArchiveFilesOptions {
  readonly maxOpen: number;
  readonly openForMs: number;
  /** `always`: `sync` brings lines to the disk; `on_close`: they come there when a file is closed. */
  readonly fsync: "always" | "on_close" | "never";
  readonly rotation?:
    (Tidying & { readonly maxBytes?: number | undefined; readonly everyMs?: number | undefined }) | undefined;
}

export interface ArchiveFiles {
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Throws system errors; then nothing, or a part that will not be taken for a line, was written. */
  append(path: string, line: string): Promise<void>;
  /** Throws when the lines since the last call may not be on the disk. */
  sync(path: string): Promise<void>;
  /** Resolves when every file is closed, and compressed where it must be. */
  close(): Promise<void>;
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly cancelTimer: () => void;
  bytes: number;
  /** When the last line was written. */
  lastMs: number;
  /** Its last line has no end. */
  torn: boolean;
  unsynced: boolean;
}

const FOLDER_MODE = 0o750;
const FILE_MODE = 0o640;
const NEWLINE = 0x0a;

export function createArchiveFiles(
  options: ArchiveFilesOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): ArchiveFiles {
  const { maxOpen, openForMs, fsync, rotation } = options;
  /** The longest unused first. */
  const files = new Map<string, OpenFile>();
  /** Files closed since the work began whose lines may not be on the disk. */
  const doubtful = new Map<string, unknown>();
  let last: Promise<unknown> = Promise.resolve();
  let tidying: Promise<void> = Promise.resolve();

  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(() => {
      doubtful.clear();
      return work();
    });
    last = result.catch(() => undefined); // whoever asked for the work has its error
    return result;
  };

  /** Throws when the disk refuses what must be on it. */
  const closeFile = async (file: OpenFile): Promise<void> => {
    if (files.get(file.path) === file) files.delete(file.path);
    file.cancelTimer();
    try {
      if (file.unsynced && fsync !== "never") await file.handle.datasync();
    } catch (error) {
      doubtful.set(file.path, error);
      throw error;
    } finally {
      await file.handle.close();
    }
  };
  const closeQuietly = (file: OpenFile): Promise<void> =>
    closeFile(file).catch((error: unknown) => logger.warn({ err: error, path: file.path }, "closing a file failed"));

  /** It may have been closed while the work waited. */
  const closeUnused = async (file: OpenFile): Promise<void> => {
    if (files.get(file.path) === file) await closeQuietly(file);
  };

  const openFile = async (path: string): Promise<OpenFile> => {
    const folder = dirname(path);
    const made = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const handle = await open(path, "a+", FILE_MODE);
    try {
      const { size, mtimeMs } = await handle.stat();
      if (size === 0 && fsync === "always") await syncFolders(folder, made);
      const file: OpenFile = {
        path,
        handle,
        bytes: size,
        lastMs: size === 0 ? clock.nowMs() : mtimeMs,
        torn: size > 0 && !(await endsInNewline(handle, size)),
        unsynced: false,
        cancelTimer: clock.after(openForMs, () => void exclusive(() => closeUnused(file))),
      };
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

  const use = async (path: string): Promise<OpenFile> => {
    const file = files.get(path) ?? (await openFile(path));
    files.delete(path);
    files.set(path, file);
    const [oldest] = files.values();
    if (files.size > maxOpen && oldest) await closeQuietly(oldest);
    return file;
  };

  const isFull = (file: OpenFile, bytes: number): boolean => {
    if (!rotation || file.bytes === 0) return false;
    const { maxBytes, everyMs } = rotation;
    if (maxBytes !== undefined && file.bytes + bytes > maxBytes) return true;
    return everyMs !== undefined && Math.floor(clock.nowMs() / everyMs) > Math.floor(file.lastMs / everyMs);
  };

  const rotate = async (file: OpenFile, how: Tidying): Promise<void> => {
    await closeFile(file);
    await setAside(file.path, clock.nowMs());
    tidying = tidying
      .then(() => tidy(file.path, how))
      .catch((error: unknown) => logger.warn({ err: error, path: file.path }, "old files could not be tidied"));
  };

  return {
    exclusive,
    async append(path, line) {
      const text = Buffer.from(`${line}\n`);
      let file = await use(path);
      if (rotation && isFull(file, text.length)) {
        await rotate(file, rotation);
        file = await use(path);
      }
      try {
        await writeWhole(file.handle, file.torn ? Buffer.concat([Buffer.of(NEWLINE), text]) : text);
      } catch (error) {
        // Opened anew it shows what reached it.
        await closeQuietly(file);
        throw error;
      }
      file.bytes += text.length + (file.torn ? 1 : 0);
      file.lastMs = clock.nowMs();
      file.torn = false;
      file.unsynced = true;
    },
    async sync(path) {
      if (fsync !== "always") return;
      if (doubtful.has(path)) throw doubtful.get(path);
      const file = files.get(path);
      if (!file?.unsynced) return;
      try {
        await file.handle.datasync();
        file.unsynced = false;
      } catch (error) {
        // The kernel tells of a failed write-back once; the next time it would say that all is well.
        file.unsynced = false;
        await closeQuietly(file);
        throw error;
      }
    },
    async close() {
      await exclusive(async () => {
        for (const file of files.values()) await closeQuietly(file);
      });
      await tidying;
    },
  };
}

async function endsInNewline(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}

/** A file system writes a part only when it is full; the next write says so. */
async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

/** A new file is on the disk when its folder is; new folders when theirs are, up to the one that `made` lies in. */
async function syncFolders(folder: string, made: string | undefined): Promise<void> {
  const top = made === undefined ? folder : dirname(made);
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, "r");
    try {
      await handle.sync();
    } catch (error) {
      // Some file systems keep no folders apart, and say so.
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
    } finally {
      await handle.close();
    }
    if (at === top) return;
  }
}
