import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { buildUpstreams } from '../../../src/upstream/build-upstreams.ts';

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
  const upstreams = buildUpstreams(configs);
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
