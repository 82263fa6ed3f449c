import type { Policy } from './cell.ts';
import { SLOW_MS } from './faulty-service.ts';

/** Of the key that stands for a policy: in the upstream, or in the route. */
const UPSTREAM_KEY: Readonly<Record<Policy, string>> = {
  'no policy': '',
  retry: '',
  fallback: '',
  bulkhead: ', bulkhead: { max_concurrent: 1 }',
};

const ROUTE_KEY: Readonly<Record<Policy, string>> = {
  'no policy': '',
  // A single request is not much live traffic to take a share of.
  retry: ', retry: { attempts: 2, backoff: { initial: 1ms, jitter: none }, budget: unlimited }',
  fallback: ', fallback: [{ upstream: secondary }]',
  bulkhead: '',
};

/**
 * Times are far enough apart for a busy machine: a slow answer is surely slow, and surely before `request_timeout`.
 * The circuit stays closed; the window is there for `slow_call`.
 */
export function gatewayYaml(
  policy: Policy,
  { targets, secondary, other }: { targets: readonly string[]; secondary: string; other: string },
): string {
  // The first target is always asked first.
  const weighted = targets.map((url, nth) => `{ url: '${url}', weight: ${nth === 0 ? 1000 : 1} }`);
  return `
# The shortest of these times sets how often a lane looks at its clock: four times in it.
server: { listen: '127.0.0.1:0', shutdown_timeout: 500ms, send_timeout: 400ms }
upstreams:
  api:
    targets: [${weighted.join(', ')}]
    idle_body_timeout: 300ms
    circuit_breaker:
      { failure_threshold: 1000, window: 60s, min_requests: 1000,
        slow_call: { duration: ${SLOW_MS / 2}ms, rate: 100% }, request_timeout: ${SLOW_MS * 3}ms }
    ${UPSTREAM_KEY[policy].slice(2)}
  secondary: { targets: ['${secondary}'] }
  other: { targets: ['${other}'] }
routes:
  - { path: /cell, upstream: api, tunnel_idle_timeout: 300ms${ROUTE_KEY[policy]} }
  - { path: /other, upstream: other }
`;
}
