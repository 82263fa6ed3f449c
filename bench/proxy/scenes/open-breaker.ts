import { get } from '../ask.ts';
import { wrkScene } from '../wrk-scene.ts';

export const openBreaker = wrkScene({
  name: 'open-breaker',
  title: 'Open breaker',
  what: 'Everything is refused with 503, by a breaker in Breakwater, by configuration in the others (nginx: `return 503`).',
  load: get('/'),
  expected: { status: 503, body: null, upstream: false },
  variants: ['open'],
  // Five failures open the breaker.
  primers: 6,
});
