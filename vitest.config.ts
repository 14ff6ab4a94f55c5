import { defineConfig } from "vitest/config";

/**
 * `npm test` runs the first two projects; the others have scripts of their own because they need services or time.
 * Modules hold no state, so unit tests share them, which halves their time.
 */
const project = (name: string, include: string[], testTimeout: number, extra: object = {}) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", ["src/**/*.test.ts", "test/*.test.ts", "test/kit/**/*.test.ts", "test/cases/*.test.ts"], 10_000, {
        isolate: false,
      }),
      project("models", ["test/models/**/*.test.ts"], 120_000),
      project("integration", ["test/integration/**/*.test.ts"], 180_000, { fileParallelism: false }),
      project("acceptance", ["test/acceptance/**/*.test.ts"], 300_000, { fileParallelism: false }),
    ],
  },
});
