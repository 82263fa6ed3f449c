import { get } from '../ask.ts';
import { ONE_MIB } from '../upstream.ts';
import { wrkScene } from '../wrk-scene.ts';

export const get1m = wrkScene({
  name: 'get-1m',
  title: '1 MiB answer',
  what: 'A body of many pieces, to many clients at a time: what copying costs, and what is buffered (RSS).',
  load: get('/1m'),
  expected: { status: 200, body: 'x'.repeat(ONE_MIB), upstream: true },
});
