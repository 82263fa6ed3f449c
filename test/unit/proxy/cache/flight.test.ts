import { describe, expect, it } from 'vitest';
import { Flight } from '../../../../src/proxy/cache/flight.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { abortListeners } from '../../../helpers/listener-count.ts';

describe('a flight', () => {
  it('keeps nothing of who has left', async () => {
    const time = new FakeTime();
    const flight = new Flight(time, 1000, () => {});
    const controllers = [1, 2, 3].map(() => new AbortController());
    const waits = controllers.map(({ signal }) => flight.landed(signal));
    expect(flight.waiting).toBe(3);
    controllers[0]?.abort('left');
    await expect(waits[0]).rejects.toBe('left');
    expect(flight.waiting).toBe(2);
    flight.land({ kind: 'abandoned' });
    expect(await Promise.all(waits.slice(1))).toEqual([{ kind: 'abandoned' }, { kind: 'abandoned' }]);
    expect(flight.waiting).toBe(0);
    for (const { signal } of controllers) expect(abortListeners(signal)).toBe(0);
    expect(time.pending).toBe(0);
  });

  it('lands once, also for who comes later', async () => {
    const flight = new Flight(new FakeTime(), 1000, () => {});
    flight.land({ kind: 'private' });
    flight.land({ kind: 'abandoned' });
    expect(await flight.landed(new AbortController().signal)).toEqual({ kind: 'private' });
    await expect(flight.landed(AbortSignal.abort('left'))).rejects.toBe('left');
  });

  it('has one timer for all who wait, and none for nobody', async () => {
    const time = new FakeTime();
    let overdue = 0;
    const flight = new Flight(time, 1000, () => overdue++);
    expect(time.pending).toBe(0);
    const { signal } = new AbortController();
    const waits = [flight.landed(signal), flight.landed(signal)];
    expect(time.pending).toBe(1);
    await time.advance(1000);
    expect(await Promise.all(waits)).toEqual([{ kind: 'overdue' }, { kind: 'overdue' }]);
    expect(overdue).toBe(1);
    expect(abortListeners(signal)).toBe(0);
  });
});
