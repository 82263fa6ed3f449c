import { expect, it, vi } from 'vitest';
import { tell } from '../../../src/resilience/tell.ts';
import { settled } from '../../helpers/fake-time.ts';

it('tells a listener, if there is one', () => {
  const listener = vi.fn();
  tell(listener, 'news');
  tell(undefined, 'news');
  expect(listener).toHaveBeenCalledExactlyOnceWith('news');
});

it('drops what a listener throws, and what its promise is rejected with', async () => {
  tell(() => {
    throw new Error('at once');
  }, 'news');
  // vitest fails the run on an unhandled rejection.
  tell(() => Promise.reject(new Error('later')), 'news');
  await settled();
});
