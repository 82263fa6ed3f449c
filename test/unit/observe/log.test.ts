import { describe, expect, it } from 'vitest';
import {
  createLogger,
  logTargets,
  logTransitions,
  logWouldOpen,
  type TransitionSource,
} from '../../../src/observe/log.ts';
import type { BreakerTransition, BreakerWouldOpen } from '../../../src/resilience/index.ts';
import { TargetEvents } from '../../../src/upstream/target-events.ts';

class Source implements TransitionSource {
  readonly #listeners = new Set<(transition: BreakerTransition) => void>();

  on(_event: 'transition', listener: (transition: BreakerTransition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(transition: BreakerTransition): void {
    for (const listener of this.#listeners) listener(transition);
  }
}

function capture(level: 'info' | 'warn' = 'info') {
  const written: string[] = [];
  const logger = createLogger({ level, destination: { write: (line) => written.push(line) } });
  return { logger, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>), written };
}

function transition(overrides: Partial<BreakerTransition>): BreakerTransition {
  return {
    breaker: 'auth-database',
    from: 'CLOSED',
    to: 'OPEN',
    reason: { rule: 'failures', message: 'max failures reached', failures: 5, threshold: 5 },
    at: Date.UTC(2026, 0, 1),
    counts: { failures: 5, successes: 0, requests: 5 },
    ...overrides,
  } as BreakerTransition;
}

describe('the log', () => {
  it.each([
    [transition({}), 'warn', '[CIRCUIT_BREAKER] auth-database circuit breaker OPENED: max failures reached'],
    [
      transition({
        breaker: 'school-service-http',
        from: 'OPEN',
        to: 'HALF_OPEN',
        reason: {
          rule: 'open_timeout',
          message: 'attempting recovery',
        } as unknown as BreakerTransition['reason'],
      }),
      'info',
      '[CIRCUIT_BREAKER] school-service-http circuit breaker HALF_OPEN: attempting recovery',
    ],
    [
      transition({
        breaker: 'school-service-grpc',
        from: 'HALF_OPEN',
        to: 'CLOSED',
        reason: {
          rule: 'recovered',
          message: 'recovery successful',
        } as unknown as BreakerTransition['reason'],
      }),
      'info',
      '[CIRCUIT_BREAKER] school-service-grpc circuit breaker CLOSED: recovery successful',
    ],
  ])('has one line for a transition, at its level and with its facts', (what, level, text) => {
    const source = new Source();
    const { logger, lines, written } = capture();
    logTransitions(source, logger);
    source.emit(what);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{.*\}\n$/);
    expect(lines()[0]).toMatchObject({
      level,
      msg: text,
      breaker: what.breaker,
      from: what.from,
      to: what.to,
      reason: what.reason,
      counts: what.counts,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it('tells of an open breaker even where only warnings are wanted', () => {
    const source = new Source();
    const { logger, lines } = capture('warn');
    logTransitions(source, logger);
    source.emit(transition({}));
    source.emit(transition({ from: 'OPEN', to: 'HALF_OPEN' }));
    expect(lines()).toMatchObject([{ to: 'OPEN' }]);
  });

  it('says nothing more once the subscription is taken back', () => {
    const source = new Source();
    const { logger, lines } = capture();
    const stop = logTransitions(source, logger);
    stop();
    source.emit(transition({}));
    expect(lines()).toEqual([]);
  });

  it('tells what a breaker that only observes would have done, in words of its own', () => {
    const listeners = new Set<(event: BreakerWouldOpen) => void>();
    const { logger, lines } = capture('warn');
    const stop = logWouldOpen(
      {
        on: (_event, listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      logger,
    );
    const { reason, counts, at } = transition({});
    for (const listener of listeners)
      listener({ breaker: 'trial', reason, counts, at, retryAfterMs: 60_000 });
    expect(lines()).toMatchObject([
      {
        level: 'warn',
        msg: '[CIRCUIT_BREAKER] trial circuit breaker WOULD_OPEN: max failures reached',
        event: 'would_open',
        breaker: 'trial',
        reason,
        counts,
        would_refuse_for_ms: 60_000,
      },
    ]);
    stop();
    expect(listeners.size).toBe(0);
  });
});

describe('the log of targets', () => {
  it('warns of a target that leaves the rotation, and says when it is back', () => {
    const { logger, lines } = capture();
    const events = new TargetEvents('auth');
    const stop = logTargets(events, logger);
    events.tell('ejected', 'http://127.0.0.1:1', '5 failures in a row');
    events.tell('restored', 'http://127.0.0.1:1', 'its time is over');
    stop();
    events.tell('removed', 'http://127.0.0.1:1', 'nobody hears this');
    expect(lines()).toMatchObject([
      {
        level: 'warn',
        event: 'target_ejected',
        upstream: 'auth',
        target: 'http://127.0.0.1:1',
        reason: '5 failures in a row',
        msg: '[TARGET] auth http://127.0.0.1:1 EJECTED: 5 failures in a row',
      },
      {
        level: 'info',
        event: 'target_restored',
        msg: '[TARGET] auth http://127.0.0.1:1 RESTORED: its time is over',
      },
    ]);
    expect(lines()).toHaveLength(2);
  });
});
