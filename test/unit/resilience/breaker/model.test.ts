import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  ManualClock,
  type Permit,
  REFUSED,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';
import { ReferenceBreaker, type ReferencePermit } from './reference-breaker.ts';

const RUNS = 500;
const WALL = 1_700_000_000_000;
const DURATIONS = [0, 1.5, 10, 10.5, 40] as const;

const small = (max: number) => fc.integer({ min: 1, max });

const windows = fc.oneof(
  fc.record({ type: fc.constant('time' as const), durationMs: fc.constantFrom(100, 250), buckets: small(5) }),
  fc.record({ type: fc.constant('count' as const), size: small(6) }),
);

const options: fc.Arbitrary<Omit<CircuitBreakerOptions, 'name'>> = fc
  .record({
    window: fc.option(windows, { nil: undefined }),
    failureThreshold: fc.option(small(3), { nil: undefined }),
    consecutiveFailures: fc.option(small(4), { nil: undefined }),
    failureRate: fc.option(fc.constantFrom(25, 33.33, 50, 100), { nil: undefined }),
    slowCall: fc.option(fc.record({ durationMs: fc.constant(10), rate: fc.constantFrom(50, 100) }), {
      nil: undefined,
    }),
    minRequests: fc.option(small(5), { nil: undefined }),
    successThreshold: fc.constantFrom(1, 1, 2, 3),
    halfOpenRequests: small(3),
    halfOpenTimeoutMs: fc.constantFrom(20, 60),
    openTimeoutMs: fc.oneof(
      fc.constantFrom(30, 90),
      fc.record({ initialMs: fc.constant(30), factor: fc.constantFrom(1, 2, 2, 3), maxMs: fc.constant(200) }),
    ),
    mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'observe', 'disabled'),
  })
  .map(({ window, failureRate, slowCall, minRequests, ...rest }) =>
    window === undefined
      ? { ...rest, minRequests }
      : {
          ...rest,
          window,
          failureRate,
          slowCall,
          minRequests:
            window.type === 'count' && minRequests ? Math.min(minRequests, window.size) : minRequests,
        },
  );

const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant({ do: 'acquire' as const }) },
    {
      weight: 9,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        which: fc.constantFrom(0, 0, 0, 1, 2),
        outcome: fc.constantFrom(
          'success',
          'success',
          'failure',
          'failure',
          'failure',
          'timeout',
          'excluded',
        ),
        durationMs: fc.constantFrom(...DURATIONS),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 1, 7, 20, 30, 30, 60, 90, 300),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('reset', 'forceOpen', 'forceClose', 'release', 'release') }),
    },
  ),
  { minLength: 20, maxLength: 120 },
);

/** A breaker with what it told, so that it can be compared with the reference. */
class Observed {
  readonly breaker: CircuitBreaker;
  readonly told: unknown[] = [];

  constructor(options: CircuitBreakerOptions, shared: boolean) {
    const memory = shared ? new Int32Array(new SharedArrayBuffer(wordsNeeded(options) * 4)) : undefined;
    this.breaker = new CircuitBreaker({ ...options, memory });
    this.breaker.on('transition', ({ from, to, reason, at, counts, retryAfterMs, openForMs }) => {
      const rule = reason.rule;
      this.told.push({ event: 'transition', from, to, retryAfterMs, openForMs, rule, at: at - WALL, counts });
    });
    this.breaker.on('would_open', ({ reason, at, counts, retryAfterMs }) => {
      this.told.push({ event: 'would_open', retryAfterMs, rule: reason.rule, at: at - WALL, counts });
    });
  }

  facts(): unknown {
    const seen = this.breaker.snapshot();
    return {
      state: seen.state,
      forced: seen.forced,
      failures: seen.failureCount,
      successes: seen.successCount,
      requests: seen.requestCount,
      streak: seen.consecutiveFailures,
      inFlight: seen.halfOpenInFlight,
      totals: { ...seen.totals, wouldReject: undefined, rejections: undefined },
      refused: seen.totals.wouldReject ?? seen.totals.rejections,
      transitions: seen.transitions,
      changedAt: seen.lastChangeAt - WALL,
      openedAt: seen.openedAt === null ? null : seen.openedAt - WALL,
      retryAfterMs: seen.retryAfterMs,
      rule: seen.reason?.rule ?? null,
      told: this.told,
    };
  }
}

function referenceFacts(reference: ReferenceBreaker): unknown {
  const { failures, successes, requests } = reference.counts();
  const { refused, ...totals } = reference.totals;
  return {
    state: reference.visible,
    forced: reference.forced,
    failures,
    successes,
    requests,
    streak: reference.streak,
    inFlight: reference.inFlight,
    totals: { ...totals, wouldReject: undefined, rejections: undefined },
    refused,
    transitions: reference.transitions,
    changedAt: reference.changedAt,
    openedAt: reference.visible === 'OPEN' ? reference.changedAt : null,
    retryAfterMs: reference.retryAfterMs,
    rule: reference.rule,
    told: reference.told,
  };
}

describe('a breaker and a plain model of it', () => {
  it('agree after every step of any interleaving, on private and on shared memory', () => {
    const opened = new Set<string>();
    fc.assert(
      fc.property(
        options,
        commands,
        fc.constantFrom(0, 2 ** 31 - 150, 2 ** 32 - 150),
        (given, steps, origin) => {
          // 32-bit times wrap around in the middle of the run.
          const clock = new ManualClock(origin - (origin % 500), WALL);
          const start = clock.now();
          const all = { name: 'model', clock, ...given };
          const observed = [new Observed(all, false), new Observed(all, true)] as const;
          const reference = new ReferenceBreaker(observed[0].breaker.options);
          let held: { permits: Permit[]; model: ReferencePermit }[] = [];
          for (const step of steps) {
            reference.now = clock.now() - start;
            switch (step.do) {
              case 'acquire': {
                const model = reference.acquire();
                const permits = observed.map(({ breaker }) => breaker.tryAcquire());
                expect(permits.map((permit) => permit === REFUSED)).toEqual([model === null, model === null]);
                if (model !== null) held.push({ permits, model });
                break;
              }
              case 'settle': {
                const call = held[step.which];
                if (call === undefined) break;
                held = held.filter((other) => other !== call);
                const outcome = step.outcome as 'success' | 'failure' | 'timeout' | 'excluded';
                const counted = reference.settle(call.model, outcome, step.durationMs);
                for (const [index, { breaker }] of observed.entries()) {
                  expect(breaker.settle(call.permits[index]!, outcome, step.durationMs)).toBe(counted);
                }
                break;
              }
              case 'wait':
                clock.advance(step.ms);
                reference.now = clock.now() - start;
                break;
              default: {
                const command = step.do as 'reset' | 'forceOpen' | 'forceClose' | 'release';
                reference[command]();
                for (const { breaker } of observed) breaker[command]();
              }
            }
            const expected = referenceFacts(reference);
            expect(observed[0].facts()).toEqual(expected);
            expect(observed[1].facts()).toEqual(expected);
            if (reference.rule !== null) opened.add(reference.rule);
          }
        },
      ),
      { numRuns: RUNS },
    );
    // Otherwise the runs would prove little.
    expect([...opened].sort()).toEqual([
      'consecutive_failures',
      'failure_rate',
      'failures',
      'forced_open',
      'probe_failed',
      'probe_lost',
      'slow_call_rate',
    ]);
  });
});
