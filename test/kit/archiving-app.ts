/** The whole application in this process, with one rule that archives every event, for integration tests of collectors. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { configFolder } from "./squall-process.ts";

export interface ArchivedEvent {
  readonly id: string;
  readonly type: string;
  readonly created_ms: number;
  readonly payload: JsonObject;
  readonly metadata: JsonObject;
}

export interface ArchivingApp {
  /** Everything that was delivered so far, in the order of delivery. */
  events(): readonly ArchivedEvent[];
  log(): string;
  /** Stops and starts it again on the same store. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

/** `collectors`: file name → content, as in `collectors/`. */
export async function archivingApp(collectors: Readonly<Record<string, unknown>>): Promise<ArchivingApp> {
  const folder = configFolder({
    "config/squall.yaml": {
      ingest: { port: 0 },
      admin: { port: 0 },
      executors: { archive: { options: { base_path: "./archive", default_path: "events.ndjson" } } },
    },
    ...Object.fromEntries(Object.entries(collectors).map(([name, file]) => [`collectors/${name}`, file])),
    "rules/all/010_archive.json": {
      description: "every event",
      active: true,
      continue: true,
      constraint: { WITH: {} },
      actions: [{ id: "archive", payload: { event: "${event}" } }],
    },
  });
  let log = "";
  const start = () =>
    startApp(
      { dir: folder.dir, set: [] },
      {
        ...system,
        env: {},
        stdin: () => process.stdin,
        writeLog: (text) => void (log += text),
        terminal: false,
        colour: false,
        onCrash: () => () => undefined,
        exit: () => undefined,
      },
    );
  let app = await start();
  const file = join(folder.dir, "archive/events.ndjson");
  const events: ArchivedEvent[] = [];
  let read = 0;
  return {
    events() {
      const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
      const end = bytes.lastIndexOf("\n") + 1;
      const lines = bytes.toString("utf8", read, end).split("\n").slice(0, -1);
      for (const line of lines) events.push(JSON.parse(line) as ArchivedEvent);
      read = Math.max(read, end);
      return events;
    },
    log: () => log,
    async restart() {
      await app.stop();
      app = await start();
    },
    async remove() {
      await app.stop();
      folder.remove();
    },
  };
}
