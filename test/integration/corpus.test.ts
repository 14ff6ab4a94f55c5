import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../src/core/json.ts";
import { findNormalizer } from "../../src/normalizers/find-normalizer.ts";
import { normalizers } from "../../src/normalizers/all.ts";

/** Thousands of real documents, too many to keep here: SQUALL_DATA names the folder that holds `beats/` and `windows/`. */
const data = process.env["SQUALL_DATA"] ?? "../shared/data";
const files = ["beats", "windows"].flatMap((folder) =>
  existsSync(join(data, folder)) ? readdirSync(join(data, folder)).map((file) => join(folder, file)) : [],
);

describe.skipIf(files.length === 0)(`every document of ${data}`, () => {
  test.each(files)("%s normalizes without error", (file) => {
    const format = file.includes("security-datasets-flat") ? "json" : "beats";
    const normalizer = findNormalizer(format, normalizers)!;
    const lines = readFileSync(join(data, file), "utf8").trim().split("\n");
    for (const line of lines) {
      const document = parseJson(line);
      expect(document.ok).toBe(true);
      if (!document.ok) continue;
      const result = normalizer.normalize(document.value, { collector: "corpus", receivedMs: 1 });
      expect(result).toMatchObject({ ok: true });
    }
    expect(lines.length).toBeGreaterThan(0);
  });
});
