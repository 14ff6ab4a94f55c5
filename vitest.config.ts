import { defineConfig } from "vitest/config";

/**
 * `npm test` runs the first two projects; the others have scripts of their own because they need services or time.
 * Modules hold no state, so unit tests share them, which halves their time.
 * A time limit only ends what hangs: it is many times what a test takes, since a machine that is slow or busy is no fault.
 */
const project = (name: string, include: string[], testTimeout: number, extra: object = {}) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project(
        "unit",
        ["src/**/*.test.ts", "test/*.test.ts", "test/kit/**/*.test.ts", "test/cases/*.test.ts"],
        120_000,
        {
          isolate: false,
        },
      ),
      project("models", ["test/models/**/*.test.ts"], 600_000),
      project("integration", ["test/integration/**/*.test.ts"], 600_000, { fileParallelism: false }),
      project("acceptance", ["test/acceptance/**/*.test.ts"], 900_000, { fileParallelism: false }),
    ],
  },
});
