import { afterEach, expect, it, vi } from 'vitest';
import { httpDate } from '../../../../../src/http/fast/inbound/http-date.ts';

afterEach(() => void vi.useRealTimers());

it('a Date field tells the second in which it is asked for, also when the clock is set back', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const [now, text] of [
    ['1994-11-06T08:49:37.000Z', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['1994-11-06T08:49:37.999Z', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['1994-11-06T08:49:38.000Z', 'Sun, 06 Nov 1994 08:49:38 GMT'],
    ['1994-11-06T08:49:30.500Z', 'Sun, 06 Nov 1994 08:49:30 GMT'],
  ] as const) {
    vi.setSystemTime(new Date(now));
    expect(httpDate()).toBe(text);
  }
});
