import { afterEach, describe, expect, it, vi } from 'vitest';
import { RetryBudget } from '../../../src/resilience/index.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { handling, PolicyPath, SWITCHED, upgrade } from './policy-path.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Looks at the budgets that the gateway uses, which it shows nobody. */
function watchBudgets() {
  const entered = vi.spyOn(RetryBudget.prototype, 'enter');
  return () => [...new Set(entered.mock.contexts as RetryBudget[])].map((budget) => budget.snapshot());
}

describe('the retry budget', () => {
  it('counts those who wait: with three waiting, a fourth is not tried again', async () => {
    await using api = await RawUpstream.answering(answerWith('', ['Retry-After: 9'], '503 No'));
    await using path = await PolicyPath.start(
      { api },
      { route: 'retry: { backoff: { initial: 10ms, jitter: none }, budget: 20% }' },
    );
    const waiting = await Promise.all([path.connect(), path.connect(), path.connect()]);
    for (const client of waiting) client.send(get());
    await path.judged({ failures: 3 });
    expect((await path.ask(get())).status).toBe(503);
    await path.judged({ failures: 4 });
    expect(waiting.map(({ text }) => text)).toEqual(['', '', '']);
    // Those who leave give it back.
    for (const client of waiting) client.reset();
    await path.idle();
    const next = await path.connect();
    next.send(get());
    await path.judged({ failures: 5 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(next.text).toBe('');
  });

  // Looks at the budgets of this thread.
  itInOneThread('is free again as soon as a tunnel is open: that is no request under way', async () => {
    const budgets = watchBudgets();
    await using api = await handling((connection, _request, nth) =>
      connection.send(nth === 0 ? answerWith('', [], '503 No') : SWITCHED),
    );
    await using path = await PolicyPath.start({ api }, { route: 'retry: { backoff: { initial: 1ms } }' });
    const client = await path.connect();
    client.send(upgrade());
    expect(await client.waitFor('\r\n\r\n')).toMatch(/^HTTP\/1.1 101 /);
    expect(budgets()).toEqual([{ live: 0, retrying: 0, refused: 0 }]);
  });

  // Looks at the budgets of this thread.
  itInOneThread('is free again as soon as a fallback is asked', async () => {
    const budgets = watchBudgets();
    await using api = await RawUpstream.answering(answerWith('', [], '503 No'));
    await using other = await RawUpstream.start();
    await using path = await PolicyPath.start(
      { api, other },
      { route: 'retry: { attempts: 2, backoff: { initial: 1ms } }, fallback: [{ upstream: other }]' },
    );
    const client = await path.connect();
    client.send(get());
    await (await other.connection()).request();
    expect(budgets()).toEqual([{ live: 0, retrying: 0, refused: 0 }]);
  });

  // Looks at the budgets of this thread.
  itInOneThread('is one for all routes to an upstream that allow the same share', async () => {
    const budgets = watchBudgets();
    await using api = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start(
      { api },
      {
        route: 'retry: { budget: 20% }',
        routes: [
          '{ path: /same, upstream: api, retry: { budget: 20% } }',
          '{ path: /other, upstream: api, retry: { budget: 30% } }',
          '{ path: /none, upstream: api, retry: { budget: unlimited } }',
        ],
      },
    );
    for (const target of ['/', '/same', '/other', '/none']) await path.ask(get(target));
    expect(budgets()).toHaveLength(2);
  });
});
