import { get } from '../ask.ts';
import { MANY_ROUTES } from '../peer.ts';
import { wrkScene } from '../wrk-scene.ts';

export const manyRoutes = wrkScene({
  name: 'many-routes',
  title: '1,000 routes and 200 upstreams',
  what: 'Small GETs to each of 1,000 paths in turn, with a route each and 200 upstreams behind them, beside one route for all.',
  load: { ...get('/students'), routes: MANY_ROUTES },
  variants: ['plain', 'many'],
});
