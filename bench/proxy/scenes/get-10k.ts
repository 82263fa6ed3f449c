import { get } from '../ask.ts';
import { TEN_KIB } from '../upstream.ts';
import { wrkScene } from '../wrk-scene.ts';

export const get10k = wrkScene({
  name: 'get-10k',
  title: '10 KiB answer',
  what: 'A body that mostly comes in one piece.',
  load: get('/10k'),
  expected: { status: 200, body: 'x'.repeat(TEN_KIB), upstream: true },
});
