import { get } from '../ask.ts';
import { wrkScene } from '../wrk-scene.ts';

export const allPolicies = wrkScene({
  name: 'all-policies',
  title: 'All policies on',
  what:
    'The small GET through retry, a static fallback, a shared pool, a bulkhead, a breaker with rates over a window, and two ' +
    'targets with ejection, beside the same gateway with nothing but its default breaker. No cache: a hit asks nobody.',
  load: get('/'),
  variants: ['plain', 'policies'],
});
