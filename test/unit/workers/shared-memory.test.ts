import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { wordsNeeded } from '../../../src/resilience/index.ts';
import { breakerOptions } from '../../../src/upstream/build-breaker.ts';
import { PART, SharedMemory } from '../../../src/workers/shared-memory.ts';

const CONFIG = parseConfig(
  `tracing: { endpoint: 'http://127.0.0.1:1' }
bulkheads: { db: { max_concurrent: 3 } }
upstreams:
  a: { targets: [http://127.0.0.1:1, http://127.0.0.1:2], bulkhead: { max_concurrent: 2 }, circuit_breaker: { name: a-http, window: 30s, failure_rate: 50% } }
  b: { targets: [http://127.0.0.1:3], bulkhead: db, circuit_breaker: { name: cache, window: 30s, failure_rate: 50% } }
routes:
  - { path: /a/*, upstream: a, retry: { attempts: 2, budget: 10% } }
  - { path: /b/*, upstream: a, retry: { attempts: 3, budget: 10% }, fallback: [{ static: { status: 200 } }] }
  - { path: /c/*, upstream: b, retry: { attempts: 3, budget: 20% } }
`,
  { file: 'test.yaml', env: {} },
);

const PARTS = [
  PART.breaker('a-http'),
  PART.breaker('cache'),
  PART.cacheBreaker,
  PART.pool('db'),
  PART.bulkhead('a'),
  PART.budget('10 a'),
  PART.budget('20 b'),
  PART.target('a', 0),
  PART.target('a', 1),
  PART.target('b', 0),
  PART.fallbacks(0),
  PART.fallbacks(2),
  PART.requests(1),
  PART.requests(2),
  PART.upstreamCounts(1),
  PART.upstreamCounts(2),
  PART.refusals(2),
  PART.exemplars(1),
  PART.workerSamples(2),
  PART.rejections,
  PART.connections,
  PART.logRead,
  PART.accessRead,
  PART.cacheMarks,
  PART.cacheVersions,
];

describe('the memory that threads share', () => {
  it('has a place of its own for each part, which begins on a cache line', () => {
    const memory = new SharedMemory(CONFIG, 3);
    const seen: [from: number, to: number][] = PARTS.map((part) => {
      const words = memory.words(part);
      expect(words.byteOffset % 64).toBe(0);
      expect(words.every((word) => word === 0)).toBe(true);
      return [words.byteOffset, words.byteOffset + words.byteLength];
    });
    seen.sort(([one], [other]) => one - other);
    for (const [at, [from]] of seen.entries())
      if (at > 0) expect(from).toBeGreaterThanOrEqual(seen[at - 1]![1]);
  });

  it('is divided alike in another thread, from its copy of the configuration', () => {
    const one = new SharedMemory(CONFIG, 3);
    const other = new SharedMemory(structuredClone(CONFIG), 3, one.buffer);
    for (const [at, part] of PARTS.entries()) one.words(part).fill(at + 1);
    for (const [at, part] of PARTS.entries()) expect(new Set(other.words(part))).toEqual(new Set([at + 1]));
  });

  it('has room for what each breaker is configured to keep, also for one that is called as that of a cache in Redis', () => {
    const memory = new SharedMemory(CONFIG, 3);
    for (const { circuitBreaker } of CONFIG.upstreams.values()) {
      const thread = { index: 1, count: 3 };
      const needed = wordsNeeded({ ...breakerOptions(circuitBreaker), thread });
      expect(memory.words(PART.breaker(circuitBreaker.name)).length).toBe(needed);
    }
  });

  it('is refused by a thread that would divide it otherwise, as another version of the program may', () => {
    const { buffer } = new SharedMemory(CONFIG, 3);
    expect(() => new SharedMemory(CONFIG, 4, buffer)).toThrow('another version');
  });

  it('has nothing for what is not configured', () => {
    const untraced = new SharedMemory({ ...CONFIG, tracing: null }, 3);
    expect(untraced.exemplars).toBe(false);
    expect(() => untraced.words(PART.exemplars(1))).toThrow('no shared memory');
    expect(() => new SharedMemory(CONFIG, 3).words(PART.breaker('c'))).toThrow('no shared memory');
  });
});
