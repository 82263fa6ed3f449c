import type { BreakerConfig } from '../config/gateway-config.ts';
import { CircuitBreaker } from '../resilience/index.ts';
import type { SharedPart } from './build-upstreams.ts';

/** From the configuration's words to the core's: null there is "not given" here, percent of jitter a share. */
export function buildBreaker(config: BreakerConfig, shared?: SharedPart): CircuitBreaker {
  return new CircuitBreaker({
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
    ...shared,
  });
}
