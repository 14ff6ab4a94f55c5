/** One open file that is read on from where it was left, a chunk at a time. */
import { open } from "node:fs/promises";
import { fileKey, type FileKey, type Place } from "./file-places.ts";
import { createLineSplitter, type Line } from "./line-splitter.ts";

export interface FollowedFile {
  readonly key: FileKey;
  path: string;
  readonly place: Place;
  /** How often in a row nothing new was there. */
  readonly idle: number;
  /** The next lines; `after` puts them behind. Empty: nothing new, or no line has ended. */
  read(): Promise<Chunk>;
  /** What stands after the last end of a line: only for a file that will not grow. */
  rest(): Chunk;
  close(): Promise<void>;
}

export interface Chunk {
  readonly lines: readonly Line[];
  /** Bytes were read, though perhaps no line has ended. */
  readonly progress: boolean;
  /** Position in the file of a line of this chunk. */
  readonly offsetOf: (line: Line) => number;
  readonly life: number;
  /** They are committed. */
  readonly done: () => void;
}

interface FileLimits {
  readonly maxBodyBytes: number;
  readonly maxInFlightBytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Rejects as `open` of node does. `given`: what is remembered of it; else it begins at `offset`, or at the end. */
export async function followFile(
  path: string,
  start: { readonly given: Place | undefined; readonly from: "beginning" | "end" },
  { maxBodyBytes: maxLineBytes, maxInFlightBytes }: FileLimits,
): Promise<FollowedFile> {
  const handle = await open(path, "r");
  try {
    const stats = await handle.stat({ bigint: true });
    const key = fileKey(stats);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxInFlightBytes));
    let { life, offset } = start.given ?? { life: 0, offset: start.from === "end" ? Number(stats.size) : 0 };
    let base = offset;
    let position = offset;
    let splitter = createLineSplitter(maxLineBytes);
    let idle = 0;

    function beginAnew(): void {
      life++;
      base = position = offset = 0;
      splitter = createLineSplitter(maxLineBytes);
    }

    function chunk(lines: readonly Line[], progress: boolean): Chunk {
      const from = base;
      const end = base + splitter.consumed;
      const done = (): void => void (offset = end);
      return { lines, progress, offsetOf: (line) => from + line.start, life, done };
    }

    const followed: FollowedFile = {
      key,
      path,
      get place() {
        return { key, path: followed.path, life, offset };
      },
      get idle() {
        return idle;
      },
      async read() {
        const { size } = await handle.stat({ bigint: true });
        if (Number(size) < position) beginAnew();
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
        idle = bytesRead === 0 ? idle + 1 : 0;
        position += bytesRead;
        return chunk(splitter.push(buffer.subarray(0, bytesRead)), bytesRead > 0);
      },
      rest() {
        const last = splitter.end();
        return chunk(last ? [last] : [], last !== null);
      },
      close: () => handle.close(),
    };
    return followed;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
