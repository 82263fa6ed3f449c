import type { BreakerProfile } from '../../src/resilience/index.ts';

/** The services of the learning platform, each with the rules of its breaker. */
export const PLATFORM_BREAKERS = {
  // Failures are counted within a window here: three of them open the breaker, but only once it has seen five
  // calls, so that three unlucky ones after a quiet night prove nothing.
  database: {
    failureThreshold: 3,
    openTimeoutMs: 15_000,
    window: { type: 'time', durationMs: 30_000 },
    minRequests: 5,
  },
  cache: {
    failureThreshold: 5,
    openTimeoutMs: 10_000,
    window: { type: 'time', durationMs: 60_000 },
    minRequests: 10,
  },
  auth: { failureThreshold: 3, openTimeoutMs: 20_000 },
  'external-api': { failureThreshold: 5, openTimeoutMs: 30_000 },
} as const satisfies Record<string, BreakerProfile>;

export type PlatformService = keyof typeof PLATFORM_BREAKERS;
