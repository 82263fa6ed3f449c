import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bulkhead, type BulkheadOptions, bulkheadWords } from '../../../../src/resilience/index.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { FakeTime, settled } from '../../../helpers/fake-time.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';
import { cut, interleave } from '../breaker/thread-world.ts';
import { watchAtomics } from './watched-atomics.ts';

watchAtomics();

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

interface Call {
  readonly by: Name;
  readonly nth: number;
  readonly caller: AbortController;
  state: 'waiting' | 'running' | 'over';
}

/** Three threads' views of one bulkhead, as far as one thread can play three: a grant is noticed a turn later. */
class Lines {
  readonly time = new FakeTime();
  readonly calls: Call[] = [];
  readonly entered: string[] = [];
  readonly of: Readonly<Record<Name, Bulkhead>>;
  /** Of a fourth thread, which makes no calls. */
  readonly main: Bulkhead;

  constructor(options: Partial<BulkheadOptions> = {}) {
    const memory = sharedWords(bulkheadWords(NAMES.length + 1));
    const join = (index: number): Bulkhead =>
      new Bulkhead({
        name: 'db',
        maxConcurrent: 1,
        queue: 10,
        timer: this.time,
        memory,
        thread: { index, count: NAMES.length + 1 },
        ...options,
      });
    this.of = { a: join(0), b: join(1), c: join(2) };
    this.main = join(3);
  }

  acquire(by: Name): Call {
    const nth = this.calls.filter((call) => call.by === by).length + 1;
    const call: Call = { by, nth, caller: new AbortController(), state: 'waiting' };
    this.calls.push(call);
    this.of[by].acquire({ signal: call.caller.signal }).then(
      () => {
        call.state = 'running';
        this.entered.push(`${by}${nth}`);
      },
      () => {
        call.state = 'over';
      },
    );
    return call;
  }

  /** Ends the call of this thread that has run longest. */
  release(by: Name): void {
    const call = this.calls.find((one) => one.by === by && one.state === 'running');
    if (call === undefined) return;
    call.state = 'over';
    this.of[by].release();
  }

  count(state: Call['state']): number {
    return this.calls.filter((call) => call.state === state).length;
  }
}

describe('the lines of threads that share a bulkhead', () => {
  it('are served in turn, each first come, first served', async () => {
    const lines = new Lines();
    lines.acquire('c');
    await settled();
    for (const by of ['a', 'a', 'a', 'b', 'b', 'c'] as const) lines.acquire(by);
    await settled();
    for (let turn = 0; turn < 6; turn++) {
      for (const by of NAMES) lines.release(by);
      await settled();
    }
    expect(lines.entered).toEqual(['c1', 'a1', 'b1', 'c2', 'a2', 'b2', 'a3']);
  });

  it('are overtaken by nobody', async () => {
    const lines = new Lines();
    lines.acquire('a');
    await settled();
    lines.acquire('a');
    lines.release('a');
    // Between the release and the moment the next one runs, too.
    expect(NAMES.map((name) => lines.of[name].tryAcquire())).toEqual([false, false, false]);
    await settled();
    expect(lines.entered).toEqual(['a1', 'a2']);
  });

  it('are overtaken by nobody between any two steps of a release', () => {
    for (let operation = 0, more = true; more; operation++) {
      const lines = new Lines();
      lines.of.a.tryAcquire();
      lines.acquire('c');
      more = cut(
        lines,
        () => lines.of.a.release(),
        operation,
        () => expect(lines.of.b.tryAcquire()).toBe(false),
      );
    }
  });

  it('are overtaken by nobody in the thread itself, while the news of a grant is on its way', async () => {
    const lines = new Lines({ maxConcurrent: 2 });
    lines.of.b.tryAcquire();
    lines.of.b.tryAcquire();
    lines.acquire('a');
    lines.of.b.release();
    lines.of.b.release();
    lines.acquire('a');
    await settled();
    expect(lines.entered).toEqual(['a1', 'a2']);
  });

  it('have one bound together', async () => {
    const lines = new Lines({ queue: 2 });
    lines.of.a.tryAcquire();
    lines.acquire('a');
    lines.acquire('b');
    await expect(lines.of.c.acquire()).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    for (const name of NAMES) {
      expect(lines.of[name].snapshot()).toMatchObject({ inUse: 1, queued: 2, rejected: 1 });
    }
  });

  it('pass a slot on when the waiter to whom it was granted gives up before it has noticed', async () => {
    const lines = new Lines();
    lines.of.c.tryAcquire();
    const gone = lines.acquire('a');
    const stays = lines.acquire('b');
    lines.of.c.release();
    gone.caller.abort('gone');
    await settled();
    expect([gone.state, stays.state]).toEqual(['over', 'running']);
    expect(lines.main.snapshot()).toMatchObject({ inUse: 1, queued: 0 });
  });

  it('free a slot that was granted to the last waiter, when that one gives up before it has noticed', async () => {
    const lines = new Lines();
    lines.of.c.tryAcquire();
    const gone = lines.acquire('a');
    lines.of.c.release();
    expect(lines.main.inUse).toBe(1);
    gone.caller.abort('gone');
    expect(lines.main.snapshot()).toMatchObject({ inUse: 0, queued: 0 });
  });

  it('leave no waiter behind, no slot lost and none too many, whatever comes and goes', async () => {
    const by = fc.constantFrom(...NAMES);
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: fc.constant('acquire' as const), by }) },
      { weight: 4, arbitrary: fc.record({ type: fc.constant('release' as const), by }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('abort' as const), nth: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.nat(600) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('turn' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 5 }),
        fc.array(step, { maxLength: 40 }),
        async (maxConcurrent, queue, steps) => {
          const lines = new Lines({ maxConcurrent, queue });
          for (const one of steps) {
            if (one.type === 'acquire') lines.acquire(one.by);
            else if (one.type === 'release') lines.release(one.by);
            else if (one.type === 'abort') lines.calls[one.nth]?.caller.abort('gone');
            else if (one.type === 'advance') await lines.time.advance(one.ms);
            else await settled();
            expect(lines.of.a.inUse).toBeLessThanOrEqual(maxConcurrent);
            expect(lines.of.a.queued).toBeLessThanOrEqual(queue);
          }
          await settled();
          const seen = lines.of.b.snapshot();
          // A call that was aborted after it got its slot runs on until it is released.
          expect(seen).toMatchObject({ inUse: lines.count('running'), queued: lines.count('waiting') });
          if (seen.queued > 0) expect(seen.inUse).toBe(maxConcurrent);
          for (const name of NAMES) {
            const order = lines.entered
              .filter((who) => who.startsWith(name))
              .map((who) => Number(who.slice(1)));
            expect(order).toEqual(order.toSorted((one, other) => one - other));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  describe('come to the same between any two steps of each other', () => {
    const steps = {
      'a releases': (lines: Lines) => lines.of.a.release(),
      'b releases': (lines: Lines) => lines.of.b.release(),
      'b gives up': (lines: Lines) => lines.calls[0]?.caller.abort('gone'),
      'c joins': (lines: Lines) => void lines.acquire('c'),
      'a is forgotten': (lines: Lines) => lines.main.forgetThread(0),
    };

    it.each([
      ['a releases', 'c joins', 'b gives up', 1],
      ['b gives up', 'a releases', 'c joins', 1],
      ['c joins', 'b gives up', 'a releases', 1],
      ['a releases', 'b releases', 'c joins', 0],
      ['a is forgotten', 'b gives up', 'c joins', 1],
      ['c joins', 'a is forgotten', 'b releases', 0],
    ] as const)('%s, %s, %s', async (first, second, third, stillHeld) => {
      const worlds: Lines[] = [];
      const setup = (): Lines => {
        const lines = new Lines({ maxConcurrent: 2, queue: 3 });
        lines.of.a.tryAcquire();
        lines.of.b.tryAcquire();
        lines.acquire('b');
        return lines;
      };
      interleave(setup, [steps[first], steps[second], steps[third]], (lines) => {
        expect(lines.main.inUse).toBeLessThanOrEqual(2);
        worlds.push(lines);
      });
      // News of hundreds of grants takes some turns.
      await eventually(() => {
        for (const lines of worlds) {
          const [running, waiting] = [lines.count('running'), lines.count('waiting')];
          expect(lines.main.snapshot()).toMatchObject({ inUse: stillHeld + running, queued: waiting });
          if (waiting > 0) expect(lines.main.inUse).toBe(2);
        }
      }, 1000);
    });
  });
});
