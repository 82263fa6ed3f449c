import { describe, expect, it } from 'vitest';
import { BreakerKit } from './breaker-kit.ts';

describe('the events of a breaker', () => {
  it('come after the state was committed', () => {
    const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: 1000 });
    const seen: unknown[] = [];
    kit.breaker.on('transition', ({ to }) => {
      const { state, retryAfterMs, openedAt, totals } = kit.breaker.snapshot();
      seen.push([to, state, retryAfterMs, openedAt !== null, totals.failures]);
    });
    kit.fail(1);
    kit.clock.advance(1000);
    kit.succeed(1);
    expect(seen).toEqual([
      ['OPEN', 'OPEN', 1000, true, 1],
      ['HALF_OPEN', 'HALF_OPEN', 0, false, 1],
      ['CLOSED', 'CLOSED', 0, false, 1],
    ]);
  });

  it('harm nobody when a listener throws: others hear, the caller goes on, and it is reported', () => {
    const kit = new BreakerKit({ failureThreshold: 1 });
    const reported: unknown[] = [];
    const heard: string[] = [];
    const error = new Error('listener');
    kit.breaker.on('transition', () => {
      throw error;
    });
    kit.breaker.on('transition', ({ to }) => heard.push(to));
    kit.breaker.on('listener_error', (event) => reported.push(event));
    kit.breaker.on('listener_error', () => {
      throw new Error('again');
    });
    expect(kit.fail(1)).toBe(true);
    expect(heard).toEqual(['OPEN']);
    expect(reported).toEqual([{ breaker: 'service', event: 'transition', error }]);
  });

  it('harm nobody when a listener’s promise rejects', async () => {
    const kit = new BreakerKit({ failureThreshold: 1 });
    const error = new Error('later');
    const reported = new Promise((resolve) => kit.breaker.on('listener_error', resolve));
    kit.breaker.on('transition', async () => {
      throw error;
    });
    kit.fail(1);
    expect(await reported).toEqual({ breaker: 'service', event: 'transition', error });
  });

  it('may lead a listener back into the breaker', () => {
    const kit = new BreakerKit({ failureThreshold: 1 });
    kit.breaker.on('transition', ({ to }) => {
      if (to === 'OPEN') kit.breaker.reset();
    });
    kit.fail(3);
    expect(kit.breaker.state).toBe('CLOSED');
    // The first listener hears of each change before the one inside it.
    expect(kit.story).toHaveLength(6);
  });

  it('end when the subscription is taken back, once for each time it was made', () => {
    const kit = new BreakerKit();
    let heard = 0;
    const listener = (): void => {
      heard++;
    };
    const [first, second] = [kit.breaker.on('call', listener), kit.breaker.on('call', listener)];
    kit.succeed(1);
    first();
    first();
    kit.succeed(1);
    second();
    kit.succeed(1);
    expect(heard).toBe(3);
  });

  it('tell of calls with their outcome, their duration and whether they counted', () => {
    const kit = new BreakerKit({ failureThreshold: 1 });
    const told: unknown[] = [];
    kit.breaker.on('call', ({ outcome, durationMs, counted }) => told.push([outcome, durationMs, counted]));
    const late = kit.permit();
    kit.calls(1, 'timeout', 12.5);
    kit.breaker.settle(late, 'success');
    expect(told).toEqual([
      ['timeout', 12.5, true],
      ['success', undefined, false],
    ]);
  });
});
