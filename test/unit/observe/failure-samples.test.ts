import { describe, expect, it } from 'vitest';
import { failureSample } from '../../../src/observe/failure-sample.ts';
import { FailureSamples, MAX_SAMPLES } from '../../../src/observe/failure-samples.ts';
import type { FailureSample, GatewayEvent, TransitionEvent } from '../../../src/observe/gateway-event.ts';
import { SampleBudget } from '../../../src/observe/sample-budget.ts';
import type { AttemptFacts } from '../../../src/proxy/exchange-context.ts';
import { ManualClock } from '../../../src/resilience/index.ts';

const FAILURE = { kind: 'connect', status: null, code: 'ECONNREFUSED', detail: 'refused' } as const;

function facts(upstream: string, requestId: string, target: string | null): AttemptFacts {
  const parts = { requestId, route: '/a/*', upstream: { name: upstream }, attempt: 1 };
  return { ...parts, target: target && { url: target } } as unknown as AttemptFacts;
}

const sample = (upstream: string, requestId: string): FailureSample =>
  failureSample(FAILURE, facts(upstream, requestId, 'http://a:1'), 7);

const REASON = { message: '', failures: 5, requests: 5, slowCalls: 0, threshold: 5, windowMs: null };

const transition = (parts: Partial<TransitionEvent>): TransitionEvent => ({
  type: 'transition',
  at: 1,
  breaker: 'a-http',
  upstream: 'a',
  from: 'CLOSED',
  to: 'OPEN',
  reason: { rule: 'consecutive_failures', ...REASON },
  counts: { failures: 5, successes: 0, requests: 5 },
  retryAfterMs: 1000,
  openForMs: null,
  samples: [],
  ...parts,
});

const samplesOf = (event: GatewayEvent): unknown => (event as TransitionEvent).samples;

describe('a sample of a failure', () => {
  it('says where, when and how, for whom', () => {
    expect(sample('a', 'r1')).toEqual({
      at: 7,
      upstream: 'a',
      route: '/a/*',
      target: 'http://a:1',
      kind: 'connect',
      status: null,
      code: 'ECONNREFUSED',
      detail: 'refused',
      requestId: 'r1',
    });
    expect(failureSample(FAILURE, facts('a', 'r1', null), 7).target).toBeNull();
  });

  it('does not keep more of a detail than people read', () => {
    const detail = 'x'.repeat(100_000);
    expect(failureSample({ ...FAILURE, detail }, facts('a', 'r', null), 7).detail).toHaveLength(301);
  });
});

describe('the samples', () => {
  it('are the last ones of each upstream, oldest first', () => {
    const samples = new FailureSamples();
    expect(samples.of('a')).toEqual([]);
    for (let nth = 1; nth <= MAX_SAMPLES + 2; nth++) samples.note(sample('a', `r${nth}`));
    samples.note(sample('b', 'other'));
    expect(samples.of('a').map(({ requestId }) => requestId)).toEqual(['r3', 'r4', 'r5', 'r6', 'r7']);
    expect(samples.of('b')).toHaveLength(1);
  });

  it('go with the event that they led to, and do not change with what comes later', () => {
    const samples = new FailureSamples();
    samples.note(sample('a', 'r1'));
    const opened = samples.attachedTo(transition({}));
    const would = samples.attachedTo({
      type: 'would_open',
      at: 1,
      breaker: 'a-http',
      upstream: 'a',
      reason: { rule: 'failures', ...REASON },
      samples: [],
    });
    samples.note(sample('a', 'r2'));
    expect(samplesOf(opened)).toEqual([sample('a', 'r1')]);
    expect(samplesOf(would)).toEqual([sample('a', 'r1')]);
  });

  it.each([
    ['closed', transition({ from: 'HALF_OPEN', to: 'CLOSED' })],
    ['half-open', transition({ from: 'OPEN', to: 'HALF_OPEN' })],
    ['forced open', transition({ reason: { rule: 'forced_open', ...REASON } })],
    ['of another upstream', transition({ upstream: 'b' })],
    ['of the cache', transition({ upstream: null })],
  ])('do not go with one that is %s', (_what, event) => {
    const samples = new FailureSamples();
    samples.note(sample('a', 'r1'));
    expect(samplesOf(samples.attachedTo(event))).toEqual([]);
  });
});

describe('the budget for samples to another thread', () => {
  it('allows five a second, for each upstream by itself', () => {
    const clock = new ManualClock(5);
    const budget = new SampleBudget(clock);
    const asked = (upstream: string) => Array.from({ length: 8 }, () => budget.allows(upstream));
    const five = [true, true, true, true, true, false, false, false];
    expect(asked('a')).toEqual(five);
    expect(asked('b')).toEqual(five);
    clock.advance(999);
    expect(budget.allows('a')).toBe(false);
    clock.advance(1);
    expect(asked('a')).toEqual(five);
  });
});
