import { describe, expect, it } from 'vitest';
import { cacheResult } from '../../../src/observe/cache-result.ts';
import { CacheStatus } from '../../../src/proxy/cache/cache-status.ts';

const NAMES = [
  'breakwater',
  'gw.1',
  'two words',
  'a"; hit; ttl=-1',
  '; fwd=bypass',
  '\\',
  'a\\"; fwd=stale',
  '',
];

describe.each(NAMES)('what a cache called %j did', (name) => {
  const status = new CacheStatus(name);

  it.each([
    ['hit', status.hit(60_000)],
    ['hit', status.hit(0)],
    ['hit', status.collapsed('uri-miss', 1_000)],
    ['hit', status.collapsed('request', 1_000)],
    ['stale', status.hit(-1)],
    ['revalidated', status.revalidated('stale', 60_000)],
    ['revalidated', status.revalidated('request', -1)],
    ['miss', status.forward('uri-miss')],
    ['miss', status.forward('vary-miss')],
    ['miss', status.forward('stale')],
    ['bypass', status.forward('bypass')],
    ['bypass', status.forward('request')],
  ])('is %s when Cache-Status says %s', (result, said) => {
    expect(cacheResult(said)).toBe(result);
  });
});
