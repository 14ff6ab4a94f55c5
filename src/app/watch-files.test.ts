import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { silentLogger } from "../component/logger.ts";
import { watchFiles } from "./watch-files.ts";

test("a burst of changes is told once, 300 ms after the last; a folder made later counts too", async () => {
  const dir = await mkdtemp(join(tmpdir(), "squall-watch-"));
  await mkdir(join(dir, "rules", "web"), { recursive: true });
  const clock = manualClock();
  let changes = 0;
  const stop = watchFiles(
    { dir, folders: ["rules", "collectors"], onChange: () => changes++ },
    { clock, logger: silentLogger },
  );
  /** The kernel tells in its own time; each telling sets the one timer anew. */
  const noticed = async (): Promise<void> => {
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    await writeFile(join(dir, "rules", "web", "010_a.yaml"), "x");
    await noticed();
    await clock.advance(299);
    expect(changes).toBe(0);
    await clock.advance(301);
    expect(changes).toBe(1);

    await mkdir(join(dir, "collectors"));
    await noticed();
    await clock.advance(600);
    const before = changes;
    await writeFile(join(dir, "collectors", "a.yaml"), "x");
    await noticed();
    await clock.advance(600);
    expect(changes).toBeGreaterThan(before);

    await writeFile(join(dir, "unrelated"), "x");
  } finally {
    stop();
    expect(clock.pending).toBe(0);
    await rm(dir, { recursive: true });
  }
});
