import type { Cell, Policy } from './cell.ts';
import { SLOW_MS } from './faulty-service.ts';

/** What stands for a policy in the upstream. */
const UPSTREAM_KEY: Readonly<Record<Policy, string>> = {
  'no policy': '',
  retry: '',
  fallback: '',
  bulkhead: 'bulkhead: { max_concurrent: 1 }',
};

/** And in the route. */
const ROUTE_KEY: Readonly<Record<Policy, string>> = {
  'no policy': '',
  // A single request is not much live traffic to take a share of.
  retry: ', retry: { attempts: 2, backoff: { initial: 1ms, jitter: none }, budget: unlimited }',
  fallback: ', fallback: [{ upstream: secondary }]',
  bulkhead: '',
};

/**
 * A gateway with one route to the service that fails. Times leave room for a busy machine, which may stop for a moment
 * anywhere: a slow answer is never early, so the limit stands close below it, and where none is to be slow just below
 * `request_timeout`. The circuit stays closed; the window is there for `slow_call`.
 */
export function gatewayYaml(
  { fault, policy }: Cell,
  { targets, secondary, other }: { targets: readonly string[]; secondary: string; other: string },
): string {
  const slowMs = (fault === 'slow' ? SLOW_MS : 2 * SLOW_MS) - 50;
  // The first target is always asked first.
  const weighted = targets.map((url, nth) => `{ url: '${url}', weight: ${nth === 0 ? 1000 : 1} }`);
  return `
# send_timeout, the shortest time of a connection, makes the lane look at its clock every 100 ms.
server: { listen: '127.0.0.1:0', shutdown_timeout: 500ms, send_timeout: 400ms }
upstreams:
  api:
    targets: [${weighted.join(', ')}]
    idle_body_timeout: 300ms
    circuit_breaker:
      { failure_threshold: 1000, window: 60s, min_requests: 1000,
        slow_call: { duration: ${slowMs}ms, rate: 100% }, request_timeout: ${SLOW_MS * 2}ms }
    ${UPSTREAM_KEY[policy]}
  secondary: { targets: ['${secondary}'] }
  other: { targets: ['${other}'] }
routes:
  - { path: /cell, upstream: api, tunnel_idle_timeout: 300ms${ROUTE_KEY[policy]} }
  - { path: /other, upstream: other }
`;
}
