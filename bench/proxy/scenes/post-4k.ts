import { SMALL_ANSWER, wrkScene } from '../wrk-scene.ts';

export const post4k = wrkScene({
  name: 'post-4k',
  title: 'POST of 4 KiB',
  what: 'A request with a body, which the upstream reads whole before its small answer.',
  load: {
    method: 'POST',
    path: '/post',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: 'x'.repeat(4096),
  },
  expected: SMALL_ANSWER,
});
