import { vi } from 'vitest';
import { Retry, type RetryOptions } from '../../../src/resilience/retry.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

const backoff = { initialMs: 100, factor: 2, maxMs: 1000, jitter: 'none' } as const;

export function retrying(options: RetryOptions = {}): { retry: Retry; time: FakeTime } {
  const time = new FakeTime();
  return { time, retry: new Retry({ backoff, timer: time, ...options }) };
}

/** Work that fails `failures` times, then answers. */
export function flaky(failures: number, error: unknown = new Error('broken')): () => Promise<string> {
  let calls = 0;
  return vi.fn(async () => {
    if (++calls <= failures) throw error;
    return `answer ${calls}`;
  });
}

/** The error of a call, kept so that its rejection is handled before time moves. */
export function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => error,
  );
}
