import type { BalanceConfig } from '../../config/gateway-config.ts';
import type { Clock } from '../../resilience/index.ts';
import type { Balancer } from './balancer.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { Latency } from './latency.ts';
import { LeastRequests } from './least-requests.ts';
import { RoundRobin } from './round-robin.ts';

/** @param random 0 to less than 1 */
export function buildBalancer(
  { type }: BalanceConfig,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
): Balancer {
  switch (type) {
    case 'round_robin':
      return new RoundRobin();
    case 'least_requests':
      return new LeastRequests(random);
    case 'latency':
      return new Latency(clock, random);
    case 'hash':
      return new ConsistentHash();
  }
}
