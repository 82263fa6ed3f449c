import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { openSockets, watchTimers } from '../../helpers/process-resources.ts';
import { SocketWatch } from '../../helpers/socket-watch.ts';
import { type Cell, FAULTS, KINDS, nameOf, POLICIES } from './cell.ts';
import { expectation } from './expectation.ts';
import { Scene } from './scene.ts';

const NOTHING = { halfOpenInFlight: 0, inFlight: 0, slots: 0, queued: 0, clients: 0 };

const CELLS: readonly Cell[] = POLICIES.flatMap((policy) =>
  KINDS.flatMap((kind) => FAULTS.map((fault) => ({ fault, kind, policy }))),
);

/** Such as that an emitter has more listeners than it should have. */
const warnings: string[] = [];
const heard = (warning: Error) => void warnings.push(`${warning.name}: ${warning.message}`);
beforeAll(() => void process.on('warning', heard));
afterAll(() => void process.off('warning', heard));

describe('each fault, in each kind of request, under each policy', () => {
  it.each(CELLS.map((cell) => [nameOf(cell), cell] as const))('%s', async (_name, cell) => {
    const before = { sockets: openSockets(), listeners: processListeners() };
    using timers = watchTimers();
    using sockets = new SocketWatch();
    {
      await using scene = await Scene.start(cell, sockets);
      await scene.play();
      const expected = expectation(cell);
      await eventually(async () => expect(await scene.sight()).toEqual(expected), 3_000);

      // It is as good as new.
      await scene.mend();
      expect(await scene.again()).toEqual({ status: 200, body: 'well' });
      const listeners = scene.listeners();
      expect(await scene.again()).toEqual({ status: 200, body: 'well' });
      // Nothing was counted late either.
      const { breaker } = await scene.sight();
      expect(breaker).toEqual({ ...expected.breaker, successes: expected.breaker.successes + 2 });

      expect(scene.failures).toEqual([]);
    }
    await eventually(() =>
      expect({ sockets: openSockets(), listeners: processListeners(), timers: timers.running() }).toEqual({
        ...before,
        timers: [],
      }),
    );
    expect(warnings).toEqual([]);
  });
});

function processListeners(): Record<string, number> {
  return Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
}
