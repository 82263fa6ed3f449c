import type { FastifyInstance } from 'fastify';
import type { CircuitBreaker } from '../../src/resilience/index.ts';
import type { Lifecycle } from './lifecycle.ts';

const statusOf = { CLOSED: 'healthy', HALF_OPEN: 'recovering', OPEN: 'unhealthy' } as const;

function report(breaker: CircuitBreaker) {
  const seen = breaker.snapshot();
  return {
    status: statusOf[seen.state],
    circuit_breaker: {
      state: seen.state,
      failure_count: seen.failureCount,
      success_count: seen.successCount,
      failure_rate: seen.failureRate,
      total_requests: seen.requestCount,
      opened_at: seen.openedAt === null ? null : new Date(seen.openedAt).toISOString(),
      retry_after_ms: seen.retryAfterMs,
    },
  };
}

/**
 * `/health`, `/health/live` and `/health/ready`.
 *
 * All three speak about this process only. A dependency that is down makes `/health` say "degraded", never
 * another status than 200, and never makes the service unready: a gateway or orchestrator that took the
 * service out of rotation would also take away the calls by which the breaker finds out that it is back.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  lifecycle: Lifecycle,
  breakers: readonly CircuitBreaker[] = [],
): void {
  app.get('/health', async () => {
    const degraded = breakers.some((breaker) => breaker.state !== 'CLOSED');
    return {
      message: degraded ? 'Some dependencies are degraded' : 'The service is healthy',
      status: degraded ? 'degraded' : 'healthy',
      timestamp: new Date().toISOString(),
      data: Object.fromEntries(breakers.map((breaker) => [breaker.name, report(breaker)])),
    };
  });
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const ready = lifecycle.phase === 'running';
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : lifecycle.phase });
  });
}
