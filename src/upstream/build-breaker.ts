import type { BreakerConfig } from '../config/gateway-config.ts';
import { CircuitBreaker, type CircuitBreakerOptions, type ThreadPlace } from '../resilience/index.ts';

/** What threads share of one part, and which of them this is; without memory it is private. */
export interface Share {
  readonly memory?: Int32Array | undefined;
  readonly thread?: ThreadPlace | undefined;
}

export function buildBreaker(config: BreakerConfig, share: Share = {}): CircuitBreaker {
  return new CircuitBreaker({ ...breakerOptions(config), ...share });
}

/** From the configuration's words to the core's: null there is "not given" here, percent of jitter a share. */
export function breakerOptions(config: BreakerConfig): CircuitBreakerOptions {
  return {
    name: config.name,
    failureThreshold: config.failureThreshold ?? undefined,
    consecutiveFailures: config.consecutiveFailures ?? undefined,
    failureRate: config.failureRate ?? undefined,
    slowCall: config.slowCall ?? undefined,
    window: config.window ?? undefined,
    minRequests: config.minRequests ?? undefined,
    successThreshold: config.successThreshold,
    halfOpenRequests: config.halfOpenRequests,
    halfOpenTimeoutMs: config.halfOpenTimeoutMs,
    openTimeoutMs: {
      initialMs: config.openTimeoutMs,
      ...config.openTimeoutGrowth,
      jitter: config.openTimeoutJitter / 100,
    },
    mode: config.mode,
  };
}
