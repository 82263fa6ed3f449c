import { describe, expect, it } from 'vitest';
import { CircuitBreaker, ManualClock, REFUSED } from '../../../../src/resilience/index.ts';
import { ProbeRecord } from '../../../../src/upstream/health/probe-record.ts';
import { RecoveryWatch } from '../../../../src/upstream/health/recovery-watch.ts';

/** A real breaker, and probes of which two good or bad ones in a row decide. */
class Watched {
  readonly clock = new ManualClock();
  readonly breaker = new CircuitBreaker({
    name: 'shop',
    failureThreshold: 1,
    openTimeoutMs: 60_000,
    clock: this.clock,
  });
  readonly #probes = new ProbeRecord();
  readonly #watch = new RecoveryWatch(this.#probes, this.breaker);

  /** `+` a good probe, `-` a bad one, `!` real traffic fails, `?` real traffic that is let through fails. */
  do(steps: string): this {
    for (const step of steps) {
      if (step === '!' || step === '?') {
        const permit = this.breaker.tryAcquire();
        if (permit === REFUSED) throw new Error('refused');
        this.breaker.settle(permit, 'failure');
      } else this.#probe(step === '+');
    }
    return this;
  }

  /** A probe during which something happens. */
  slowProbe(ok: boolean, meanwhile: string): this {
    this.#watch.probing();
    this.do(meanwhile);
    this.#note(ok);
    return this;
  }

  get shortened(): boolean {
    return this.breaker.state === 'OPEN' && this.breaker.retryAfterMs() === 0;
  }

  #probe(ok: boolean): void {
    this.#watch.probing();
    this.#note(ok);
  }

  #note(ok: boolean): void {
    const changed = this.#probes.note({ ok, detail: '', durationMs: 1, at: 0 }, 2, 2);
    if (changed && ok) this.#watch.recovered();
  }
}

describe('an open breaker', () => {
  it.each([
    ['!--++', true, 'fell and rose after it had opened'],
    ['--!++', true, 'was down when it opened, and rose after'],
    ['!+++++', false, 'good all along'],
    ['!-+-+-+', false, 'never unhealthy'],
    ['!--+', false, 'not risen yet'],
    ['--+!+', false, 'began to rise before it opened'],
    ['--++!', false, 'risen before it opened'],
    ['--+!-++', true, 'rose anew after it had opened'],
  ])('%s: is shortened: %s (%s)', (steps, expected) => {
    expect(new Watched().do(steps).shortened).toBe(expected);
  });

  it('is shortened once per recovery: a probe by real traffic that fails makes it wait its whole time', () => {
    const watched = new Watched().do('!--++');
    expect(watched.shortened).toBe(true);
    watched.do('?+++++');
    expect([watched.shortened, watched.breaker.retryAfterMs()]).toEqual([false, 60_000]);
    expect(watched.do('--++').shortened).toBe(true);
  });

  it('is not shortened by a row that began in an earlier opening', () => {
    const watched = new Watched().do('!--+');
    watched.clock.advance(60_000);
    watched.do('?+');
    expect(watched.shortened).toBe(false);
  });

  it('is not shortened by a probe that was sent before it opened', () => {
    expect(new Watched().do('--').slowProbe(true, '!').do('+').shortened).toBe(false);
  });

  it('is never closed by probes', () => {
    const watched = new Watched().do('!--++++++++');
    expect(watched.breaker.state).toBe('OPEN');
  });

  it('stays open when an operator forced it', () => {
    const watched = new Watched();
    watched.breaker.forceOpen();
    watched.do('--++');
    expect(watched.breaker.tryAcquire()).toBe(REFUSED);
  });
});
