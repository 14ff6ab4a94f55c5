import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Host } from "../app/host.ts";
import { httpUrl, positiveNumber, wholeNumber } from "./arguments.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface SendOptions {
  readonly url: string;
  readonly collector: string;
  readonly token?: string;
  readonly caFile?: string;
  readonly batch: number;
  readonly rate?: number;
  readonly gzip: boolean;
  readonly retries: number;
  readonly json: boolean;
}

export const addSend: AddCommand = (program, { host, end }) => {
  program
    .command("send")
    .summary("post files of events to a running instance")
    .description("Posts files of events (NDJSON or JSON) to a webhook collector of a running instance.")
    .argument("<files...>", "files of events; - is standard input")
    .requiredOption("--collector <id>", "the collector's id: the events go to URL/event/<id>")
    .option("--url <url>", "where the ingest listener is", httpUrl, "http://127.0.0.1:8080")
    .option("--token <token>", "the collector's token; default: the variable SQUALL_TOKEN")
    .option("--ca-file <file>", "PEM of the CA to trust")
    .option("--batch <events>", "events in one request", wholeNumber(1, 100_000), 100)
    .option("--rate <events>", "events a second; default: as fast as they are accepted", positiveNumber)
    .option("--gzip", "compress the requests", false)
    .option("--retries <count>", "how often a request is repeated that was answered 503", wholeNumber(0, 1000), 10)
    .option("--json", "print the totals as JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (files: string[], options: SendOptions) => end(await send(files, options, host)));
};

async function send(files: readonly string[], options: SendOptions, host: Host): Promise<number> {
  const [{ postEvents }, { readDocuments }, { wallClock }, { Secret }, { AppError }] = await Promise.all([
    import("./post-events.ts"),
    import("./read-documents.ts"),
    import("../app/wall-clock.ts"),
    import("../component/secret.ts"),
    import("../component/app-error.ts"),
  ]);
  const paths = files.map((file) => (file === "-" ? file : resolve(host.cwd, file)));
  const cannotRead = (cause: NodeJS.ErrnoException): never => {
    throw new AppError("configuration", `cannot read ${cause.path}: ${cause.code}`, { cause });
  };
  const sizes = await Promise.all(paths.map(sizeOf)).catch(cannotRead);
  const token = options.token ?? host.env["SQUALL_TOKEN"];
  const ca = options.caFile && (await readFile(resolve(host.cwd, options.caFile), "utf8").catch(cannotRead));
  const bar = await progressBar(
    sizes.reduce((sum, size) => sum + size, 0),
    host,
  );
  const startMs = wallClock.monotonicMs();
  let read = 0;
  async function* documents() {
    for (const path of paths) {
      const input = path === "-" ? host.stdin : createReadStream(path);
      input.on("data", (chunk: Buffer | string) => {
        read += chunk.length;
      });
      yield* readDocuments(input, path === "-" ? "standard input" : path);
    }
  }
  try {
    const totals = await postEvents(
      documents(),
      {
        ...options,
        token: token ? new Secret(token) : null,
        rate: options.rate ?? null,
        ca: ca || undefined,
      },
      {
        clock: wallClock,
        onProgress: ({ events }) => bar.update(read, events, wallClock.monotonicMs() - startMs),
        onRejected: ({ line }, reason) => host.err(`rejected, line ${line}: ${reason}\n`),
      },
    );
    bar.stop();
    const seconds = (wallClock.monotonicMs() - startMs) / 1000;
    if (options.json) host.out(`${JSON.stringify({ ...totals, seconds: Math.round(seconds * 1000) / 1000 })}\n`);
    else
      host.out(
        `${totals.accepted} accepted, ${totals.rejected} rejected of ${totals.events} events ` +
          `in ${totals.requests} requests, ${totals.retries} repeated, ` +
          `${seconds.toFixed(1)} s, ${Math.round(totals.events / seconds)} events/s\n`,
      );
    return totals.rejected > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    bar.stop();
  }
}

async function sizeOf(path: string): Promise<number> {
  if (path === "-") return 0;
  const info = await stat(path);
  if (info.isDirectory()) throw Object.assign(new Error("a folder"), { path, code: "EISDIR" });
  return info.size;
}

interface Bar {
  update(bytes: number, events: number, elapsedMs: number): void;
  stop(): void;
}

async function progressBar(totalBytes: number, host: Host): Promise<Bar> {
  if (!host.errIsTerminal || totalBytes === 0) return { update: () => undefined, stop: () => undefined };
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: "{bar} {percentage}% {events} events, {rate}/s, {eta_formatted} left",
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(totalBytes, 0, { events: 0, rate: 0 });
  return {
    update: (bytes, events, elapsedMs) => bar.update(bytes, { events, rate: Math.round((events * 1000) / elapsedMs) }),
    stop: () => bar.stop(),
  };
}
