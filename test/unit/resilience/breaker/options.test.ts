import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  InvalidOptionError,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';

const make = (options: Partial<CircuitBreakerOptions>) => new CircuitBreaker({ name: 'x', ...options });

describe('the options of a breaker', () => {
  it('have defaults, which it shows', () => {
    const { options } = make({});
    expect(options).toEqual({
      name: 'x',
      failureThreshold: 5,
      consecutiveFailures: null,
      failureRate: null,
      slowCall: null,
      window: null,
      minRequests: 20,
      minRequestsForFailures: 1,
      successThreshold: 1,
      halfOpenRequests: 1,
      halfOpenTimeoutMs: 10_000,
      openTimeoutMs: { initialMs: 60_000, factor: 1, maxMs: 60_000, jitter: 0 },
      requestTimeoutMs: null,
      mode: 'enforce',
      failFast: true,
    });
    expect(Object.isFrozen(options)).toBe(true);
  });

  it.each<[string, Partial<CircuitBreakerOptions>]>([
    ['name', { name: '' }],
    ['failureThreshold', { failureThreshold: 0 }],
    ['failureThreshold', { failureThreshold: 1.5 }],
    ['failureThreshold', { failureThreshold: 1_000_001 }],
    ['consecutiveFailures', { consecutiveFailures: -1 }],
    ['failureRate', { failureRate: 0, window: { type: 'count', size: 5 } }],
    ['failureRate', { failureRate: 100.01, window: { type: 'count', size: 5 } }],
    ['failureRate', { failureRate: 33.333, window: { type: 'count', size: 5 } }],
    ['window', { failureRate: 50 }],
    ['window', { slowCall: { durationMs: 10, rate: 50 } }],
    ['slowCall.durationMs', { slowCall: { durationMs: 0, rate: 50 }, window: { type: 'count', size: 5 } }],
    ['slowCall.rate', { slowCall: { durationMs: 10, rate: 101 }, window: { type: 'count', size: 5 } }],
    ['window.size', { window: { type: 'count', size: 0 } }],
    ['window.durationMs', { window: { type: 'time', durationMs: 9 } }],
    ['window.buckets', { window: { type: 'time', durationMs: 10_000, buckets: 0 } }],
    ['window.type', { window: { type: 'calls' } as never }],
    ['minRequests', { minRequests: 0 }],
    ['minRequests', { minRequests: 6, window: { type: 'count', size: 5 } }],
    ['successThreshold', { successThreshold: 0 }],
    ['halfOpenRequests', { halfOpenRequests: Number.NaN }],
    ['halfOpenTimeoutMs', { halfOpenTimeoutMs: 0 }],
    ['openTimeoutMs', { openTimeoutMs: 0 }],
    ['openTimeoutMs', { openTimeoutMs: 8 * 86_400_000 }],
    ['openTimeoutMs.factor', { openTimeoutMs: { initialMs: 10, factor: 0.5 } }],
    ['openTimeoutMs.maxMs', { openTimeoutMs: { initialMs: 10, maxMs: 5 } }],
    ['openTimeoutMs.jitter', { openTimeoutMs: { initialMs: 10, jitter: 2 } }],
    ['requestTimeoutMs', { requestTimeoutMs: -1 }],
    ['mode', { mode: 'on' as never }],
    ['memory', { memory: new Int32Array(4) }],
    ['memory', { memory: new Int32Array(new SharedArrayBuffer(1024), 4, 100) }],
  ])('are refused by name: %s %j', (option, options) => {
    expect(() => make(options)).toThrow(InvalidOptionError);
    expect(() => make(options)).toThrow(expect.objectContaining({ option, code: 'INVALID_OPTION' }));
  });

  it('that are large are fine where no nonsense begins', () => {
    make({
      failureThreshold: 1000,
      halfOpenTimeoutMs: 30_000,
      openTimeoutMs: 86_400_000,
      successThreshold: 1_000_000,
    });
  });

  it('decide how much memory it takes: 256 bytes with ten buckets and slow calls', () => {
    const window = { type: 'time', durationMs: 10_000, buckets: 10 } as const;
    expect(wordsNeeded({ window, slowCall: { durationMs: 1, rate: 1 } }) * 4).toBe(256);
    expect(wordsNeeded({ window }) * 4).toBe(216);
    expect(wordsNeeded({}) * 4).toBe(104);
    for (const size of [1, 2, 3]) expect(wordsNeeded({ window: { type: 'count', size } }) % 2).toBe(0);
  });

  it('may put the breaker onto given memory of one thread', () => {
    const memory = new Int32Array(wordsNeeded({}));
    const [one, other] = [make({ memory, failureThreshold: 1 }), make({ memory, failureThreshold: 1 })];
    one.settle(one.tryAcquire(), 'failure');
    expect(other.state).toBe('OPEN');
  });
});
