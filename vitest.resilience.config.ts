import { defineConfig } from 'vitest/config';

/** The drill (`make test-resilience`): one file after the other, because it stops and starts real services. */
export default defineConfig({
  test: {
    include: ['test/resilience/**/*.test.ts'],
    // Local processes have no image to look at.
    exclude: process.env.DRILL_MODE === 'local' ? ['test/resilience/image.test.ts'] : [],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 600_000,
    ...(process.env.VITEST_JSON
      ? { reporters: ['default', 'json'], outputFile: { json: process.env.VITEST_JSON } }
      : {}),
  },
});
