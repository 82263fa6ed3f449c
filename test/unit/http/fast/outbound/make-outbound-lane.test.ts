import { expect, it } from 'vitest';
import { FastOutboundLane } from '../../../../../src/http/fast/outbound/fast-outbound-lane.ts';
import { makeOutboundLane } from '../../../../../src/http/fast/outbound/make-outbound-lane.ts';
import { UndiciLane } from '../../../../../src/http/full/undici-lane.ts';

it.each([
  ['http:', true, FastOutboundLane],
  ['http:', false, FastOutboundLane],
  ['https:', false, FastOutboundLane],
  ['https:', true, UndiciLane],
] as const)(
  'a target of %s with allowH2 %s is spoken to by the lane that can',
  async (protocol, allowH2, kind) => {
    const lane = makeOutboundLane(
      { url: `${protocol}//127.0.0.1:1`, protocol, hostname: '127.0.0.1', port: 1, weight: 1 },
      {
        connectTimeoutMs: 1_000,
        responseTimeoutMs: 1_000,
        idleBodyTimeoutMs: 1_000,
        maxConnections: 1,
        keepAliveMs: 1_000,
        allowH2,
      },
    );
    expect(lane).toBeInstanceOf(kind);
    lane.destroy();
    await lane.close();
  },
);
