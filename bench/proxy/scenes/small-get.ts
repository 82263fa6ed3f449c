import { get } from '../ask.ts';
import { wrkScene } from '../wrk-scene.ts';

export const smallGet = wrkScene({
  name: 'small-get',
  title: 'Small GET',
  what: 'An answer of 115 bytes of JSON: what a proxy costs by itself.',
  load: get('/'),
});
