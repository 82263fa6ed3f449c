import { describe, expect, it } from 'vitest';
import { configOf, messagesOf, placesOf } from './problems-of.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references to variables look like that

const file = (profile: string, breakers = '', more = '') =>
  `profile: ${profile}\n${more}upstreams: { api: { targets: [http://a:1]${breakers} } }\nroutes: [{ path: /, upstream: api, fallback: [{ mock: { status: 203 } }, { static: {} }] }]\n`;
const breaker = (text: string, env = {}) => configOf(text, env).upstreams.get('api')!.circuitBreaker;

describe('the profile in effect', () => {
  it.each([
    ['development', 3, 30_000],
    ['production', 10, 120_000],
  ])('%s is always there', (profile, failureThreshold, openTimeoutMs) => {
    expect(breaker(file(profile))).toMatchObject({ failureThreshold, openTimeoutMs });
    expect(configOf(file(profile)).profile).toBe(profile);
    for (const named of [profile, `{ profile: ${profile} }`]) {
      const text = file('""', `, circuit_breaker: ${named}`);
      expect(breaker(text)).toMatchObject({ failureThreshold, openTimeoutMs });
    }
  });

  it('is that of the file where it defines one of the name', () => {
    const own = 'circuit_breakers: { production: { failure_threshold: 7 } }\n';
    expect(breaker(file('production', '', own))).toMatchObject({
      failureThreshold: 7,
      openTimeoutMs: 60_000,
    });
    expect(breaker(file('""', ', circuit_breaker: production', own)).failureThreshold).toBe(7);
  });

  it('is below a breaker’s own fields, and gives way to a profile that the breaker names', () => {
    expect(breaker(file('production', ', circuit_breaker: { open_timeout: 5s }'))).toMatchObject({
      failureThreshold: 10,
      openTimeoutMs: 5000,
    });
    expect(breaker(file('production', ', circuit_breaker: development')).failureThreshold).toBe(3);
    expect(breaker(file('production', ', circuit_breaker: { profile: development }')).openTimeoutMs).toBe(
      30_000,
    );
  });

  it('may come from the environment, and empty means none', () => {
    const text = file('${P:-production}');
    expect(configOf(text).profile).toBe('production');
    expect(configOf(text, { P: 'development' }).profile).toBe('development');
    for (const none of ['""', '${P:-}', '"${P:-}"', '']) {
      expect(configOf(file(none)).profile).toBeNull();
      expect(breaker(file(none)).failureThreshold).toBe(5);
    }
  });

  it('must be there', () => {
    expect(placesOf(file('prodution'))).toEqual(['1:10 UNKNOWN_PROFILE']);
    expect(messagesOf(file('prodution'))).toEqual([
      'profile: there is no profile "prodution" in circuit_breakers; did you mean "production"?',
    ]);
    for (const inherited of ['toString', 'valueOf']) {
      expect(placesOf(file(inherited))).toEqual(['1:10 UNKNOWN_PROFILE']);
      expect(placesOf(file('""', `, circuit_breaker: ${inherited}`))).toEqual(['2:61 UNKNOWN_PROFILE']);
    }
    const rules = ', circuit_breaker: { profile: toString, failure_rate: 50% }';
    expect(placesOf(file('""', rules))).toEqual(['2:72 UNKNOWN_PROFILE']);
    expect(placesOf(file('"a b"'))).toEqual(['1:10 INVALID_VALUE']);
  });

  it('is looked at together with what the upstream says', () => {
    expect(messagesOf(file('production', ', circuit_breaker: { window: { count: 9 } }'))).toEqual([
      'upstreams.api.circuit_breaker.window.count must be at least 10, the failure_threshold of the profile "production"',
    ]);
    expect(placesOf(file('production', ', circuit_breaker: { window: { count: 10 } }'))).toEqual([]);
    const slow = 'circuit_breakers: { mine: { window: 30s, slow_call: { duration: 3s, rate: 5% } } }\n';
    expect(placesOf(file('mine', ', circuit_breaker: { request_timeout: 3s }', slow))).toEqual([
      '2:65 INVALID_VALUE',
    ]);
    const window = ', circuit_breaker: { consecutive_failures: 2, window: 1m }';
    expect(placesOf(file('""', window))).toHaveLength(1);
    expect(placesOf(file('production', window))).toEqual([]);
  });

  it('allows mock fallbacks only when it is development', () => {
    const types = (profile: string) =>
      configOf(file(profile)).routes.map(({ fallback, idleMocks }) => [
        fallback.map((s) => s.type),
        idleMocks,
      ]);
    expect(types('development')).toEqual([[['mock', 'static'], undefined]]);
    expect(types('production')).toEqual([[['static'], 1]]);
    expect(types('""')).toEqual([[['static'], 1]]);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
