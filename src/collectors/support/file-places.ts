/** How far files were read, as it is remembered between runs. */
import type { BigIntStats } from "node:fs";
import { z } from "zod";
import type { Json } from "../../core/json.ts";

/** Which file it is, whatever its name: device, inode, time of birth. */
export type FileKey = string;

export const fileKey = ({ dev, ino, birthtimeMs }: BigIntStats): FileKey => `${dev}-${ino}-${birthtimeMs}`;

export interface Place {
  readonly key: FileKey;
  /** The name it was last seen under. */
  readonly path: string;
  /** Grows when the file is truncated, because positions begin anew then. */
  readonly life: number;
  /** Position of the first byte that is not committed. */
  readonly offset: number;
}

const saved = z.object({
  files: z.array(z.object({ key: z.string(), path: z.string(), life: z.int().min(0), offset: z.int().min(0) })),
});

export const savedPlaces = (places: readonly Place[]): Json => ({
  files: places.map(({ key, path, life, offset }) => ({ key, path, life, offset })),
});

/** Throws when the value is not what `savedPlaces` gave. */
export const readPlaces = (value: Json | undefined): readonly Place[] =>
  value === undefined ? [] : saved.parse(value).files;
