import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The suite that `make test` runs: everything but the drill, which stops real services for minutes. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: ['test/resilience/**', '**/node_modules/**'],
    // Most tests wait, for sockets and processes: two workers leave two cores idle.
    maxWorkers: Math.max(4, availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Real sockets and real processes on a busy CI machine: a test that passes on its second try is printed
    // as flaky, one that fails three times in a row is broken.
    retry: process.env.CI ? 2 : 0,
    ...(process.env.VITEST_JSON
      ? { reporters: ['default', 'json'], outputFile: { json: process.env.VITEST_JSON } }
      : {}),
  },
});
