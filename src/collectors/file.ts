/**
 * Follows files as `tail -F` does, and remembers how far each was read and committed.
 *
 * A file is told apart by device, inode and time of birth, not by name. A name that leads to another file was rotated:
 * the old one is read to its end first, also when that happened while the process was down and the old one lies in the
 * same folder. A file that is shorter than what was read was truncated: it is read anew, under a higher number of its
 * life. Identity of a line = file, life, position of its first byte, so a line read again after a crash has no effect.
 */
import { glob, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import { duration } from "../component/units.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import { fileKey, readPlaces, savedPlaces, type FileKey, type Place } from "./support/file-places.ts";
import { followFile, type Chunk, type FollowedFile } from "./support/followed-file.ts";
import { lineCodec, takeLines } from "./support/take-lines.ts";
import { waitMs } from "./support/wait-ms.ts";

const options = z.strictObject({
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe("Files to follow, as absolute paths; `*`, `**` and `?` stand for parts of names."),
  from: z
    .enum(["beginning", "end"])
    .default("end")
    .describe("Where a file begins that is there at the very first start; one that appears later is read whole."),
  codec: lineCodec(),
  poll: duration().default(250).describe("How often the files are looked at."),
  max_files: z
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .describe("Files open at once; more are not followed, and told in `/health`."),
});

export const file = defineCollector({
  type: "file",
  summary: "Follows files line by line, over rotation and truncation.",
  options,
  guarantees:
    "How far a file was read is saved after the commit; after a crash the lines since then are read again and known by their place. What is truncated before it was read is lost.",
  examples: [
    {
      title: "Falco's file output",
      file: { id: "falco", type: "file", paths: ["/var/log/falco/events.json"], format: "falco", from: "beginning" },
    },
    {
      title: "Lines of a log that are no JSON",
      file: { id: "auth", type: "file", paths: ["/var/log/auth.log", "/var/log/app/*.log"], codec: "text" },
    },
  ],
  create: createFileCollector,
});

/** A file that lost its name is read until nothing new came for so many looks. */
const IDLE_LOOKS = 20;
const SAVE_EVERY_MS = 1000;

function createFileCollector(given: z.output<typeof options>, deps: CollectorDeps) {
  const { id, clock, logger, health } = deps;
  const subject = `collector:${id}`;
  const stopping = new AbortController();
  const followed = new Map<FileKey, FollowedFile>();
  /** Remembered, and not yet found again. */
  const missing = new Map<FileKey, Place>();
  const troubles = new Set<string>();
  let running: Promise<void> = Promise.resolve();
  let unsaved = false;
  let savedMs = 0;

  async function run(): Promise<void> {
    await look("first");
    while (!stopping.signal.aborted) {
      const progress = await round();
      await save(SAVE_EVERY_MS);
      if (progress) continue;
      await waitMs(clock, given.poll, stopping.signal);
      if (!stopping.signal.aborted) await look("again");
    }
  }

  /** Which names lead to which files now. */
  async function look(when: "first" | "again"): Promise<void> {
    const seen = new Set<FileKey>();
    await guarded("paths", async () => {
      for await (const path of glob([...given.paths])) await meet(path, seen, when);
    });
    if (when === "first") await findMoved(seen);
    for (const [key, one] of followed) if (!seen.has(key) && one.idle >= IDLE_LOOKS) await leave(one);
  }

  async function meet(path: string, seen: Set<FileKey>, when: "first" | "again"): Promise<void> {
    await guarded(path, async () => {
      const stats = await stat(path, { bigint: true });
      if (!stats.isFile()) return;
      const key = fileKey(stats);
      seen.add(key);
      const known = followed.get(key);
      if (known) known.path = path;
      else await follow(path, key, when === "first" ? given.from : "beginning");
    });
  }

  async function follow(path: string, key: FileKey, from: "beginning" | "end"): Promise<void> {
    if (followed.size >= given.max_files) {
      health.raise(subject, "too_many_files", `${path} and others are not followed: max_files is ${given.max_files}`);
      return;
    }
    const one = await followFile(path, { given: missing.get(key), from }, deps.limits);
    missing.delete(key);
    followed.set(one.key, one);
    unsaved = true;
    logger.info({ path, offset: one.place.offset }, "following a file");
  }

  /** Rotated while the process was down: the same file under another name, in the same folder. */
  async function findMoved(seen: Set<FileKey>): Promise<void> {
    for (const folder of new Set([...missing.values()].map(({ path }) => dirname(path))))
      await guarded(folder, async () => {
        for (const name of await readdir(folder)) {
          const path = join(folder, name);
          const stats = await stat(path, { bigint: true });
          const key = fileKey(stats);
          if (missing.has(key) && stats.isFile() && !seen.has(key)) await follow(path, key, "beginning");
        }
      });
    for (const { path } of missing.values()) logger.warn({ path }, "a file that was read before is gone");
    missing.clear();
  }

  /** One chunk of each file; true when any had something. */
  async function round(): Promise<boolean> {
    let progress = false;
    for (const one of followed.values())
      await guarded(one.path, async () => {
        if (stopping.signal.aborted) return;
        const chunk = await one.read();
        progress ||= chunk.progress;
        await commit(one, chunk);
      });
    return progress;
  }

  /** It is not there under any name of ours, and has come to its end. */
  async function leave(one: FollowedFile): Promise<void> {
    await commit(one, one.rest());
    if (stopping.signal.aborted) return;
    followed.delete(one.key);
    unsaved = true;
    await one.close();
    logger.info({ path: one.path }, "a file is no longer followed");
  }

  async function commit(one: FollowedFile, chunk: Chunk): Promise<void> {
    if (chunk.lines.length === 0) return;
    const { path, key } = one;
    const emission = takeLines(
      chunk.lines,
      {
        codec: given.codec,
        source: `${id}/${path}`,
        positionOf: (line) => `${key}.${chunk.life}:${chunk.offsetOf(line)}`,
        whereIs: (line) => `${path}, byte ${chunk.offsetOf(line)}`,
        about: (line) => ({ log: { file: { path }, offset: chunk.offsetOf(line) } }),
      },
      deps,
    );
    if (emission && !(await emitUntilCommitted(emission, deps, stopping.signal))) return;
    chunk.done();
    unsaved = true;
  }

  async function save(everyMs: number): Promise<void> {
    if (!unsaved || clock.monotonicMs() - savedMs < everyMs) return;
    await guarded("what was read", async () => {
      await deps.memory.save(savedPlaces([...followed.values()].map(({ place }) => place)));
      unsaved = false;
      savedMs = clock.monotonicMs();
    });
  }

  /** Trouble with one file is told, and does not keep the others from being read. */
  async function guarded(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      if (troubles.delete(what) && troubles.size === 0) health.clear(subject, "unreadable");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return; // gone between two looks; what it was is still open
      health.raise(subject, "unreadable", message);
      if (!troubles.has(what)) logger.error({ err: error, path: what }, "a followed file makes trouble");
      troubles.add(what);
    }
  }

  return {
    async start() {
      for (const place of readPlaces(await deps.memory.load())) missing.set(place.key, place);
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
      await save(0);
      await Promise.all([...followed.values()].map((one) => one.close()));
      followed.clear();
    },
  };
}
