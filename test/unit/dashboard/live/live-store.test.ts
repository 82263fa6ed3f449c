import { describe, expect, it } from 'vitest';
import { LiveStore } from '../../../../src/dashboard/live/live-store.ts';

describe('LiveStore', () => {
  it('paints once a frame, and nothing while a hidden page is given none; watchers hear of each change', () => {
    const frames: (() => void)[] = [];
    const store = new LiveStore((paint) => frames.push(paint));
    const watched: (string | null)[] = [];
    const painted: (string | null)[] = [];
    store.watch(({ lostBecause }) => watched.push(lostBecause));
    store.paint(({ lostBecause }) => painted.push(lostBecause));
    for (const why of ['a', 'b', 'c']) store.update((state) => ({ ...state, lostBecause: why }));
    expect(watched).toEqual(['a', 'b', 'c']);
    expect(painted).toEqual([]);
    expect(frames).toHaveLength(1);
    frames.shift()?.();
    expect(painted).toEqual(['c']);
    store.update((state) => ({ ...state, lostBecause: 'd' }));
    frames.shift()?.();
    expect(painted).toEqual(['c', 'd']);
  });

  it('tells nobody when nothing has changed, or who has left', () => {
    const store = new LiveStore((paint) => paint());
    let told = 0;
    const leave = store.watch(() => told++);
    store.paint(() => told++);
    store.update((state) => state);
    expect(told).toBe(0);
    leave();
    store.update((state) => ({ ...state }));
    expect(told).toBe(1);
  });
});
