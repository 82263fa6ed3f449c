import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { FastOutboundLane } from '../../../src/http/fast/outbound/fast-outbound-lane.ts';
import { UndiciLane } from '../../../src/http/full/undici-lane.ts';
import { outboundLanes } from '../../../src/workers/outbound-lanes.ts';

it.each([
  [true, 'http', true, FastOutboundLane],
  [true, 'http', false, FastOutboundLane],
  [true, 'https', false, FastOutboundLane],
  [true, 'https', true, UndiciLane],
  [false, 'http', false, UndiciLane],
] as const)(
  'with fast_lane %s a target of %s with allow_h2 %s is spoken to by the lane that can',
  async (fastLane, protocol, allowH2, kind) => {
    const config = parseConfig(
      `
      server: { fast_lane: ${fastLane} }
      upstreams: { api: { targets: ['${protocol}://127.0.0.1:1'], allow_h2: ${allowH2} } }
      routes: [{ path: /*, upstream: api }]`,
      { file: 'test.yaml', env: {} },
    );
    const upstream = config.upstreams.get('api')!;
    const makeLane = await outboundLanes(config);
    const lane = makeLane(upstream.targets[0]!, upstream);
    expect(lane).toBeInstanceOf(kind);
    lane.destroy();
    await lane.close();
  },
);
