import { expect, it } from 'vitest';
import { type LaneKind, TestLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';

const REQUEST = 'GET /a RTSP/1.0\r\nHost: a\r\n\r\n';

it.each<LaneKind>(['full', 'fast'])(
  'RTSP is refused by the %s lane wherever its head is cut',
  async (kind) => {
    await using lane = await TestLane.start(undefined, {}, { kind });
    for (let cut = 1; cut < REQUEST.length; cut++) {
      const client = await lane.connect();
      client.send(REQUEST.slice(0, cut));
      await until(() => lane.sockets[0]?.bytesRead === cut);
      expect((await client.ask(REQUEST.slice(cut))).status).toBe(400);
      client.destroy();
      await until(() => lane.sockets.length === 0);
    }
    expect(lane.handled).toEqual([]);
  },
);
