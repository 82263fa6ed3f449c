import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../../src/dashboard/live/server-clock.ts';

function clockAt(start: number) {
  const time = { now: start };
  return { time, clock: new ServerClock(() => time.now) };
}

describe('ServerClock', () => {
  it('goes on from what the gateway said, whatever the clock of this machine says', () => {
    const { time, clock } = clockAt(500);
    clock.heard(1_000_000);
    time.now = 1500;
    expect(clock.now()).toBe(1_001_000);
  });

  it('is not set back by a message that was long on its way', () => {
    const { time, clock } = clockAt(0);
    clock.heard(10_000);
    time.now = 1000;
    clock.heard(10_700);
    expect(clock.now()).toBe(11_000);
  });

  it('follows when the clock of the gateway was set', () => {
    const { time, clock } = clockAt(0);
    clock.heard(10_000);
    time.now = 1000;
    clock.heard(1000);
    expect(clock.now()).toBe(1000);
  });
});
