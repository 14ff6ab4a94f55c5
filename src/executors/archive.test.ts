import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import type { Json, JsonObject } from "../core/json.ts";
import {
  createTestExecutor,
  describeExecutor,
  executorItem,
  type TestExecutor,
} from "../../test/kit/describe-executor.ts";
import { archive } from "./archive.ts";

const root = mkdtempSync(join(tmpdir(), "squall-archive-"));
let base = root;
const made: TestExecutor[] = [];
const create = (options: object = {}, more: Parameters<typeof createTestExecutor>[2] = {}): TestExecutor => {
  const executor = createTestExecutor(
    archive,
    { base_path: base, default_path: "all.log", paths: { host: "${host}/x.log" }, ...options },
    more,
  );
  made.push(executor);
  return executor;
};
const text = (file = "all.log"): string => readFileSync(join(base, file), "utf8");
const files = (folder = ""): string[] => readdirSync(join(base, folder)).sort();
const event = (value: Json, more: JsonObject = {}): JsonObject => ({ event: value, ...more });
const delivered = { kind: "delivered" };

let count = 0;
beforeEach(() => {
  base = join(root, String(count++));
});
afterEach(async () => {
  for (const { executor, clock } of made.splice(0)) {
    await executor.close?.();
    expect(clock.pending).toBe(0);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

describeExecutor(archive, {
  options: () => ({ base_path: join(root, "suite"), default_path: "all.log" }),
  payload: () => event({ a: 1 }),
  badPayloads: {
    "no event": { archive_type: "x" },
    "a type without a path": event(1, { archive_type: "unknown" }),
  },
});

describe("lines", () => {
  test("compact JSON, one line each, exact integers, null as well", async () => {
    const { run } = create();
    for (const value of [{ b: 1, a: "x\ny" }, [9007199254740993n], "text", null])
      expect(await run(event(value))).toEqual(delivered);
    expect(text()).toBe('{"b":1,"a":"x\\ny"}\n[9007199254740993]\n"text"\nnull\n');
    expect(statSync(join(base, "all.log")).mode & 0o777).toBe(0o640);
    expect(statSync(base).mode & 0o777).toBe(0o750);
  });

  test("what is there already is added to", async () => {
    mkdirSync(base);
    writeFileSync(join(base, "all.log"), "before\n");
    await create().run(event(1));
    expect(text()).toBe("before\n1\n");
  });

  test("a line that was cut short is ended first", async () => {
    mkdirSync(base);
    writeFileSync(join(base, "all.log"), '{"half":');
    await create().run(event(1));
    expect(text()).toBe('{"half":\n1\n');
  });

  test("a batch keeps its order, over several files", async () => {
    const { runBatch } = create();
    const items = Array.from({ length: 60 }, (_, n) =>
      executorItem(event(n, n % 3 === 0 ? {} : { archive_type: "host", host: `h${n % 3}` })),
    );
    expect(await runBatch(items)).toEqual(items.map(() => delivered));
    const numbers = (rest: number): string => `${Array.from({ length: 20 }, (_, n) => n * 3 + rest).join("\n")}\n`;
    expect([text(), text("h1/x.log"), text("h2/x.log")]).toEqual([numbers(0), numbers(1), numbers(2)]);
  });

  test("batches that overlap keep their order too", async () => {
    const { run } = create();
    await Promise.all(Array.from({ length: 50 }, (_, n) => run(event(n))));
    expect(text()).toBe(`${Array.from({ length: 50 }, (_, n) => n).join("\n")}\n`);
  });

  test.each(["always", "on_close", "never"])("fsync: %s", async (fsync) => {
    expect(await create({ fsync }).run(event(1, { archive_type: "host", host: "new/deep" }))).toEqual(delivered);
    expect(text("new/deep/x.log")).toBe("1\n");
  });

  test("nothing is written after the attempt was broken off", async () => {
    const { run } = create();
    expect(await run(event(1), {}, AbortSignal.abort())).toMatchObject({ kind: "retry" });
    expect(existsSync(base)).toBe(false);
  });
});

describe("when a file cannot be written", () => {
  test("its later lines wait behind it; other files go on", async () => {
    mkdirSync(base);
    writeFileSync(join(base, "h1"), "in the way");
    const { runBatch, run } = create();
    const to = (host: string, value: Json) => executorItem(event(value, { archive_type: "host", host }));
    // The way is cleared while the second line for the file is read: it waits all the same.
    const clearing = { toJSON: () => (rmSync(join(base, "h1")), 3) } as unknown as Json;
    const outcomes = await runBatch([to("h1", 1), to("h2", 2), to("h1", clearing), executorItem({})]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["retry", "delivered", "retry", "reject"]);
    expect(outcomes[0]).toMatchObject({ reason: expect.stringContaining("x.log") });
    expect(existsSync(join(base, "h1"))).toBe(false);
    expect(await run(to("h1", 1).payload)).toEqual(delivered);
    expect(text("h1/x.log")).toBe("1\n");
  });

  test.each<[string, JsonObject, string, string]>([
    ["a full disk", { base_path: "/dev", default_path: "full" }, "unavailable", "ENOSPC"],
    ["a disk that does not take it", { base_path: "/dev", default_path: "null" }, "retry", "EINVAL"],
    ["a folder of that name", { base_path: "/", default_path: "tmp" }, "reject", "EISDIR"],
    ["a name that is too long", { default_path: "x".repeat(300) }, "reject", "ENAMETOOLONG"],
  ])("%s", async (_, options, kind, code) => {
    const { run } = create(options);
    expect(await run(event(1))).toMatchObject({ kind, reason: expect.stringContaining(code) });
  });

  test("a line whose file had to be closed meanwhile is not taken for safe", async () => {
    const { runBatch } = create({
      base_path: "/dev",
      default_path: "null",
      paths: { zero: "zero" },
      file_cache_size: 1,
    });
    const outcomes = await runBatch([executorItem(event(1)), executorItem(event(2, { archive_type: "zero" }))]);
    expect(outcomes).toMatchObject([
      { kind: "retry", reason: expect.stringContaining("/dev/null") },
      { kind: "retry", reason: expect.stringContaining("/dev/zero") },
    ]);
  });

  test("a secret in the path is masked", async () => {
    mkdirSync(base);
    writeFileSync(join(base, "s3cret"), "in the way");
    const { run, executor } = create({}, { secrets: [new Secret("s3cret")] });
    const payload = event("of s3cret", { archive_type: "host", host: "s3cret" });
    const shown = JSON.stringify([await run(payload), executor.preview(executorItem(payload))]);
    expect(shown).toContain("***");
    expect(shown).not.toContain("s3cret");
  });
});

describe("open files", () => {
  const open = async (): Promise<number> => {
    const links = await Promise.all(
      (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
    );
    return links.filter((link) => link.startsWith(base)).length;
  };

  test("no more than file_cache_size stay open", async () => {
    const { run } = create({ file_cache_size: 3 });
    for (let n = 0; n < 10; n++) await run(event(n, { archive_type: "host", host: `h${n % 5}` }));
    expect(await open()).toBe(3);
    expect(text("h4/x.log")).toBe("4\n9\n");
  });

  test("a file is closed after file_cache_ttl, and what was renamed from outside is begun anew", async () => {
    const { run, clock } = create({ file_cache_ttl: "10s" });
    await run(event(1));
    renameSync(join(base, "all.log"), join(base, "moved.log"));
    await run(event(2));
    expect(text("moved.log")).toBe("1\n2\n");
    await clock.advance(10_000);
    expect(await run(event(3))).toEqual(delivered);
    expect(text()).toBe("3\n");
    expect(await open()).toBe(1);
  });
});

describe("rotation", () => {
  /** 2023-11-14T22:13:20Z, the manual clock's start. */
  const STAMP = "all.log.20231114T221320Z";

  test("by size: a line that would not fit begins a new file", async () => {
    const { run } = create({ rotation: { max_size: 10 } });
    for (const value of ["aaaa", "b", "cc", "a line longer than any file may be", "d"]) await run(event(value));
    expect(files()).toEqual(["all.log", STAMP, `${STAMP}-1`, `${STAMP}-2`]);
    expect(text(STAMP)).toBe('"aaaa"\n');
    expect(text(`${STAMP}-1`)).toBe('"b"\n"cc"\n');
    expect(text(`${STAMP}-2`)).toBe('"a line longer than any file may be"\n');
    expect(text()).toBe('"d"\n');
  });

  test("by time: periods counted from 1970", async () => {
    const { run, clock } = create({ rotation: { every: "1h" }, file_cache_ttl: "7d" });
    await run(event(1));
    await clock.advance(46 * 60_000);
    await run(event(2));
    await clock.advance(1);
    await run(event(3));
    await clock.advance(40_000);
    expect(files()).toEqual(["all.log"]);
    await clock.advance(14 * 60_000);
    await run(event(4));
    expect(files()).toEqual(["all.log", "all.log.20231114T231400Z"]);
    expect([text("all.log.20231114T231400Z"), text()]).toEqual(["1\n2\n3\n", "4\n"]);
  });

  test("by time, of a file that was there before", async () => {
    mkdirSync(base);
    for (const [name, ms] of [
      ["old", 1_699_900_000_000],
      ["young", 1_700_000_000_000],
    ] as const) {
      mkdirSync(join(base, name));
      writeFileSync(join(base, name, "x.log"), "0\n");
      utimesSync(join(base, name, "x.log"), ms / 1000, ms / 1000);
    }
    const { run } = create({ rotation: { every: "1d" } });
    await run(event(1, { archive_type: "host", host: "old" }));
    await run(event(1, { archive_type: "host", host: "young" }));
    expect(files("old")).toEqual(["x.log", "x.log.20231114T221320Z"]);
    expect(text("young/x.log")).toBe("0\n1\n");
  });

  test("gzip: done files are compressed, those that a crash left behind too", async () => {
    mkdirSync(base);
    writeFileSync(join(base, "all.log.20200101T000000Z"), "left behind\n");
    writeFileSync(join(base, "all.log.20200101T000000Z.gz.part"), "rubbish");
    writeFileSync(join(base, "all.log.old"), "someone else's");
    const { run, executor } = create({ rotation: { max_size: 4, gzip: true } });
    for (const value of [1, 2, 3]) await run(event(value));
    await executor.close?.();
    expect(files()).toEqual(["all.log", "all.log.20200101T000000Z.gz", `${STAMP}.gz`, "all.log.old"].sort());
    const unzip = (name: string): string => gunzipSync(readFileSync(join(base, name))).toString();
    expect([unzip("all.log.20200101T000000Z.gz"), unzip(`${STAMP}.gz`), text()]).toEqual([
      "left behind\n",
      "1\n2\n",
      "3\n",
    ]);
  });

  test.each([true, false])("keep: the oldest go (gzip: %s)", async (gzip) => {
    const { run, executor } = create({ rotation: { max_size: 2, keep: 2, gzip } });
    for (let n = 0; n < 14; n++) await run(event(n));
    await executor.close?.();
    const end = gzip ? ".gz" : "";
    expect(files()).toEqual(["all.log", `${STAMP}-11${end}`, `${STAMP}-12${end}`]);
    expect(text()).toBe("13\n");
  });

  test("what cannot be tidied is told to the log, and lines go on", async () => {
    mkdirSync(join(base, "all.log.20200101T000000Z"), { recursive: true });
    const { run, executor, logged } = create({ rotation: { max_size: 2, gzip: true } });
    for (const value of [1, 2]) expect(await run(event(value))).toEqual(delivered);
    await executor.close?.();
    expect(logged.join()).toContain("could not be tidied");
    expect(text()).toBe("2\n");
  });
});

test.each<[string, object, string]>([
  ["a default path that climbs out", { default_path: "../x" }, '"../x" climbs out of base_path'],
  ["a path that climbs out", { paths: { a: "x/../../y" } }, '"x/../../y" climbs out of base_path'],
  ["a rotation that never comes", { rotation: { gzip: true } }, "expected max_size or every"],
  ["a period of nothing", { rotation: { every: "0s" } }, "expected more than 0"],
])("refused: %s", (_, options, message) => {
  const read = archive.options.safeParse({ base_path: "b", default_path: "d", ...options });
  expect(read.error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test("deliveries for one file have one order key", () => {
  const options = archive.options.parse({ base_path: "/b", default_path: "d", paths: { host: "${host}/x" } });
  const key = (payload: JsonObject, of?: unknown) => archive.defaultOrder!(payload, of);
  expect(key(event(1, { archive_type: "host", host: "h", at: "1" }), options)).toBe("/b/h/x");
  expect(key(event(1, { archive_type: "host" }), options)).toBeNull();
  expect(key(event("a", { host: "h", archive_type: "host" }))).toBe(
    key(event("b", { archive_type: "host", host: "h" })),
  );
  expect(key(event(1, { archive_type: "host", host: "i" }))).not.toBe(
    key(event(1, { archive_type: "host", host: "h" })),
  );
});
