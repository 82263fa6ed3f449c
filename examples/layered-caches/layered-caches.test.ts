import { describe, expect, it } from 'vitest';
import { Deadline, TimeoutError } from '../../src/resilience/index.ts';
import { FakeTime } from '../../test/helpers/fake-time.ts';
import { runExample } from '../../test/helpers/run-example.ts';
import { LayeredLookup } from './layered-lookup.ts';
import { MemoryLayer } from './memory-layer.ts';

function layers() {
  const time = new FakeTime();
  const far = new MemoryLayer('far');
  const near = new MemoryLayer('near');
  const database = new MemoryLayer('database', { a: 'A' });
  const lookup = new LayeredLookup([far, near, database], { layerTimeoutMs: 100, clock: time, timer: time });
  return { time, far, near, database, lookup };
}

describe('a lookup through layers', () => {
  it('is answered by the first that has it; those above learn it', async () => {
    const { lookup, far, near } = layers();
    expect(await lookup.get('a')).toEqual({ value: 'A', source: 'database', skipped: [] });
    expect([far.values.get('a'), near.values.get('a')]).toEqual(['A', 'A']);
    expect((await lookup.get('a')).source).toBe('far');
  });

  it('says when no layer has it', async () => {
    expect(await layers().lookup.get('none')).toEqual({ value: undefined, source: null, skipped: [] });
  });

  it('leaves a layer alone after five failures, and only that one', async () => {
    const { lookup, far, near } = layers();
    far.condition = 'down';
    for (let call = 0; call < 8; call++) {
      expect(await lookup.get('a')).toMatchObject({ value: 'A', skipped: ['far'] });
    }
    expect(far.calls).toBe(5);
    expect(near.calls).toBeGreaterThan(5);
  });

  it('sends exactly one probe after a minute; when it fails the layer is left alone again', async () => {
    const { lookup, far, time } = layers();
    far.condition = 'down';
    for (let call = 0; call < 8; call++) await lookup.get('a');
    await time.advance(60_000);
    for (let call = 0; call < 3; call++) await lookup.get('a');
    expect(far.calls).toBe(6);
    far.condition = 'up';
    await time.advance(60_000);
    await lookup.get('a');
    expect(lookup.breakers.get('far').state).toBe('CLOSED');
  });

  it('does not wait longer for a layer than it may', async () => {
    const { lookup, far, time } = layers();
    far.condition = 'hanging';
    const call = lookup.get('none');
    await time.advance(100);
    expect(await call).toEqual({ value: undefined, source: null, skipped: ['far'] });
  });

  it('never takes longer than the deadline of the caller', async () => {
    const { lookup, far, time } = layers();
    far.condition = 'hanging';
    using deadline = Deadline.after(30, { clock: time, timer: time });
    const call = lookup.get('a', { signal: deadline.signal }).catch((error: unknown) => error);
    await time.advance(30);
    expect(await call).toBeInstanceOf(TimeoutError);
  });
});

it('the program runs', async () => {
  const { code, stdout, stderr } = await runExample('layered-caches');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('logo: an anchor from secondary-cache');
  expect(stdout).toContain('motto: Keep answering from local-cache, without primary-cache, secondary-cache');
  expect(stdout).toContain('breaker primary-cache: CLOSED → OPEN');
});
