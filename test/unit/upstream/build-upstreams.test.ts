import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { UndiciLane } from '../../../src/http/full/undici-lane.ts';
import { Bulkhead } from '../../../src/resilience/index.ts';
import { buildUpstreams } from '../../../src/upstream/build-upstreams.ts';
import type { MakeLane } from '../../../src/upstream/upstream.ts';
import { upstreamConfig } from './upstream-kit.ts';

const makeLane: MakeLane = (target, options) => new UndiciLane(target, options);

it('every upstream gets its targets, and a breaker of its own with the configured name and numbers', async () => {
  const { upstreams: configs } = parseConfig(
    `upstreams:
  a: { targets: [http://127.0.0.1:1, { url: "http://127.0.0.1:2", weight: 3 }] }
  b:
    targets: [https://b.test]
    circuit_breaker: { name: b-http, failure_threshold: 2, open_timeout: 7s }
routes:
  - { path: /a/*, upstream: a }
  - { path: /b/*, upstream: b }
`,
    { file: 'test.yaml', env: {} },
  );
  const upstreams = buildUpstreams(configs, { makeLane });
  const [a, b] = [upstreams.get('a'), upstreams.get('b')];
  expect(a?.targets.map(({ url, config }) => [url, config.weight])).toEqual([
    ['http://127.0.0.1:1', 1],
    ['http://127.0.0.1:2', 3],
  ]);
  expect(a?.breaker.name).toBe('a');
  expect(b?.breaker.name).toBe('b-http');
  expect(b?.breaker.options).toMatchObject({ failureThreshold: 2, openTimeoutMs: { initialMs: 7_000 } });
  expect(a?.breaker).not.toBe(b?.breaker);
  for (const upstream of upstreams.values()) await upstream.close();
});

it('an upstream gets the pool that it names, slots of its own, or none', () => {
  const pool = new Bulkhead({ name: 'database', maxConcurrent: 3 });
  const own = { name: 'shop', maxConcurrent: 7, queue: 2, queueTimeoutMs: 50 };
  const configs = new Map([
    ['named', upstreamConfig({ bulkhead: 'database' })],
    ['own', upstreamConfig({ bulkhead: own })],
    ['none', upstreamConfig()],
  ]);
  const upstreams = buildUpstreams(configs, { makeLane, pools: new Map([['database', pool]]) });
  expect(upstreams.get('named')?.bulkhead).toBe(pool);
  expect(upstreams.get('own')?.bulkhead?.snapshot()).toMatchObject({
    name: 'shop',
    maxConcurrent: 7,
    queueLimit: 2,
  });
  expect(upstreams.get('none')?.bulkhead).toBeNull();
  expect(() => buildUpstreams(configs, { makeLane })).toThrow(
    'Upstream "shop": there is no pool "database".',
  );
});
