import { expect, it } from 'vitest';
import { TwoLanes } from './two-lanes.ts';

it.each([
  ['keep-alive', true],
  ['\t Keep-Alive , x', true],
  ['\xa0keep-alive', false],
  ['keep-alive\xa0', false],
  ['x keep-alive', false],
])(
  'an HTTP/1.0 upstream that says Connection: %j is asked again over the connection: %j',
  async (value, reused) => {
    await using lanes = await TwoLanes.start();
    const head = `HTTP/1.0 200 OK\r\nConnection: ${value}\r\nContent-Length: 0\r\n\r\n`;
    const answer = { method: 'GET', pieces: [Buffer.from(head, 'latin1')], end: 'silence' } as const;
    for (const lane of ['undici', 'fast'] as const)
      expect((await lanes.tell(lane, answer, 30)).reused).toBe(reused);
  },
);
