import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { maskConfig } from '../../../src/config/mask-config.ts';
import { configOf, SMALLEST } from './problems-of.ts';

const FULL = `server: { listen: "[::1]:8080", max_body_size: unlimited, trusted_proxies: [10.0.0.0/8] }
admin: { listen: 0.0.0.0:9901, token: s3cret-t0ken }
upstreams:
  api:
    targets: [{ url: http://a:1, weight: 2 }, https://b]
    circuit_breaker: { name: api-http, failure_threshold: 3, open_timeout: 90s, half_open_timeout: 250ms }
  b:
    targets: [http://b:1]
    circuit_breaker: { window: 1m, failure_rate: 12.5%, slow_call: { duration: 2s, rate: 80% }, min_requests: 7, failure_statuses: [429, 500-599], open_timeout: { initial: 1s, factor: 2, max: 5m, jitter: 20% }, mode: observe }
  c:
    targets: [http://c:1]
    circuit_breaker: { window: { count: 50 }, failure_threshold: 3, consecutive_failures: 2, open_timeout: { initial: 1s, jitter: full } }
routes:
  - { path: /a/*, host: "*.example.com", methods: [GET], upstream: api, strip_prefix: /a }
  - { path: /b/:id, upstream: api, rewrite: /:id, timeout: 5m }
`;

describe('the configuration that operators see', () => {
  it('has no secrets', () => {
    const masked = maskConfig(configOf(FULL));
    expect(JSON.stringify(masked)).not.toContain('s3cret');
    expect(masked).toMatchObject({ admin: { listen: '0.0.0.0:9901', token: '********' } });
    expect(maskConfig(configOf(`admin: {}\n${SMALLEST}`))).toMatchObject({ admin: { token: null } });
    expect(maskConfig(configOf(SMALLEST))).toMatchObject({ admin: null });
  });

  it('has no password in a URL, even if one got there', () => {
    const config = structuredClone(configOf(SMALLEST));
    Object.assign(config.upstreams.get('api')!.targets[0]!, { url: 'http://user:pass@a:1' });
    expect(JSON.stringify(maskConfig(config))).not.toMatch(/user|pass/);
  });

  it('is a configuration that means the same', () => {
    const config = configOf(FULL);
    const again = configOf(stringify(maskConfig(config)));
    const withoutLines = (routes: typeof config.routes) => routes.map((route) => ({ ...route, line: 0 }));
    expect(again.server).toEqual(config.server);
    expect(again.upstreams).toEqual(config.upstreams);
    expect(withoutLines(again.routes)).toEqual(withoutLines(config.routes));
  });
});
