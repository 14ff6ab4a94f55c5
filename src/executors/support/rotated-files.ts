/**
 * What becomes of full files. `all.log` is renamed to `all.log.20231114T221320Z` (the time of the rotation, UTC; `-1`,
 * `-2` … within one second), then perhaps compressed to `….gz`; the oldest beyond `keep` are removed. Compressing writes
 * to `….gz.part` first: what a crash leaves behind is compressed at the next rotation.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

export interface Tidying {
  readonly gzip: boolean;
  /** Undefined: all. */
  readonly keep?: number | undefined;
}

/** Renames the file; nobody has it open. */
export async function setAside(path: string, nowMs: number): Promise<void> {
  const stamp = `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  const taken = (await setAsideFrom(path)).filter((file) => file.stamp === stamp);
  // Always above the last one, so that the order of names stays that of time when the first are removed.
  const number = taken.length === 0 ? 0 : taken.at(-1)!.number + 1;
  await rename(path, `${path}.${stamp}${number === 0 ? "" : `-${number}`}`);
}

/** Compresses and removes as told, over all files that were set aside from this path. */
export async function tidy(path: string, { gzip, keep }: Tidying): Promise<void> {
  if (gzip) for (const { name, compressed } of await setAsideFrom(path)) if (!compressed) await compress(name);
  if (keep === undefined) return;
  const all = await setAsideFrom(path);
  for (const { name } of all.slice(0, Math.max(0, all.length - keep))) await rm(name, { force: true });
}

interface SetAside {
  readonly name: string;
  readonly compressed: boolean;
  readonly stamp: string;
  readonly number: number;
}

/** The oldest first. */
async function setAsideFrom(path: string): Promise<readonly SetAside[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const found: SetAside[] = [];
  for (const file of await readdir(folder)) {
    if (!file.startsWith(prefix)) continue;
    const parts = /^(\d{8}T\d{6}Z)(?:-(\d+))?(\.gz)?$/.exec(file.slice(prefix.length));
    if (!parts) continue;
    const [, stamp = "", number = "0", end] = parts;
    found.push({ name: join(folder, file), compressed: end !== undefined, stamp, number: Number(number) });
  }
  return found.sort((a, b) => (a.stamp === b.stamp ? a.number - b.number : a.stamp < b.stamp ? -1 : 1));
}

async function compress(path: string): Promise<void> {
  const part = `${path}.gz.part`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: 0o640, flush: true }));
  await rename(part, `${path}.gz`);
  await rm(path, { force: true });
}
