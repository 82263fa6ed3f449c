import { describe, expect, it } from 'vitest';
import type { TrafficSample } from '../../../../src/admin/live/live-types.ts';
import { STARTING, withEvent, withHistory, withSample } from '../../../../src/dashboard/live/live-state.ts';
import type { NumberedEvent } from '../../../../src/observe/gateway-event.ts';

const sample = (at: number): TrafficSample => ({
  at,
  spanMs: 2000,
  rates: { requests: 0, ok: 0, clientErrors: 0, serverErrors: 0, rejected: 0, fallbacks: 0, retries: 0 },
  latency: { p50: null, p95: null, p99: null },
  upstreams: [],
});

const event = (id: number): NumberedEvent => ({ id, type: 'gateway', at: id, what: 'started', detail: '' });

describe('the state of the page', () => {
  it('keeps the samples of fifteen minutes', () => {
    let state = STARTING;
    for (let at = 0; at <= 20 * 60_000; at += 2000) state = withSample(state, sample(at));
    expect(state.samples[0]?.at).toBe(5 * 60_000);
    expect(state.samples.at(-1)?.at).toBe(20 * 60_000);
  });

  it('fills a gap from the history, and keeps what came after it', () => {
    let state = withSample(withSample(STARTING, sample(2000)), sample(10_000));
    state = withHistory(state, { upstreams: ['a'], samples: [2000, 4000, 6000, 8000].map(sample) });
    expect(state.samples.map(({ at }) => at)).toEqual([2000, 4000, 6000, 8000, 10_000]);
    expect(state.sampledUpstreams).toEqual(['a']);
  });

  it('takes no sample and no event twice', () => {
    const sampled = withSample(STARTING, sample(2000));
    expect(withSample(sampled, sample(2000))).toBe(sampled);
    const told = withEvent(withEvent(STARTING, event(1)), event(2));
    expect(withEvent(told, event(1))).toBe(told);
    expect(told.events.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('does not grow without end', () => {
    let state = STARTING;
    for (let id = 1; id <= 2500; id++) state = withEvent(state, event(id));
    expect(state.events).toHaveLength(2000);
    expect(state.events.at(-1)?.id).toBe(2500);
  });
});
