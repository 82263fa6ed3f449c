import { checkAdmin } from './checks/check-admin.ts';
import { checkBreakerRules } from './checks/check-breaker-rules.ts';
import { checkBreakers } from './checks/check-breakers.ts';
import { checkBulkheads } from './checks/check-bulkheads.ts';
import { checkCaches } from './checks/check-caches.ts';
import { checkDns } from './checks/check-dns.ts';
import { checkFallbacks } from './checks/check-fallbacks.ts';
import { checkRoutes } from './checks/check-routes.ts';
import { checkTargets } from './checks/check-targets.ts';
import type { Draft } from './draft.ts';
import type { Places } from './places.ts';
import type { Located } from './yaml/located.ts';

/**
 * What no single key can be blamed for: names that lead nowhere, things that exclude each other. Works on whatever
 * is valid by itself, so that these mistakes are listed together with the others.
 */
export function crossCheck(root: Located, places: Places): Draft[] {
  return [
    ...checkRoutes(root, places),
    ...checkFallbacks(root, places),
    ...checkCaches(root),
    ...checkBreakers(root, places),
    ...checkBreakerRules(root),
    ...checkBulkheads(root),
    ...checkTargets(root),
    ...checkDns(root),
    ...checkAdmin(root),
  ];
}
