import type { AdminBackend } from '../../src/admin/admin-backend.ts';
import type { Overview } from '../../src/admin/live/live-types.ts';
import { overview } from '../../src/admin/live/overview.ts';
import { EventFeed } from '../../src/observe/event-feed.ts';
import { RequestRecorder } from '../../src/observe/request-recorder.ts';
import { TrafficHistory } from '../../src/observe/traffic-history.ts';
import { TrafficReader } from '../../src/observe/traffic-reader.ts';
import { healthReport } from '../../src/proxy/health.ts';

/** A folder in which no page was built. */
export const NO_PAGE = new URL('../no-such-folder/', import.meta.url).pathname;

/** What stands behind the admin API of a gateway without routes and breakers, with what a test cares about put in. */
export function adminBackend(parts: Partial<AdminBackend> = {}): AdminBackend {
  const reader = new TrafficReader({
    routes: [],
    requests: [new RequestRecorder([]).memory],
    rejections: new Int32Array(1),
  });
  return {
    breakers: () => [],
    rules: () => '',
    config: () => ({}),
    routes: () => [],
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    health: () => healthReport([], { now: 0 }),
    overview: () => emptyOverview(reader),
    history: new TrafficHistory({ upstreams: [], read: () => reader.read(), rejections: () => 0 }),
    events: new EventFeed(),
    ...parts,
  };
}

function emptyOverview(reader: TrafficReader): Overview {
  return overview(
    {
      gateway: { version: '1', host: 'h', listen: '127.0.0.1:1', startedAt: 0, workers: 1, profile: null },
      connections: () => null,
      upstreams: () => [],
      cacheBreaker: null,
      pools: () => [],
      routes: [],
      traffic: () => reader.read(),
      failures: () => [],
    },
    0,
  );
}
