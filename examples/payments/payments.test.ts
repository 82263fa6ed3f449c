import { describe, expect, it } from 'vitest';
import { FakeTime, settled } from '../../test/helpers/fake-time.ts';
import { runExample } from '../../test/helpers/run-example.ts';
import { Checkout } from './checkout.ts';
import { CardDeclinedError, type Order, ProviderError, SimulatedProvider } from './payment-provider.ts';

function shop() {
  const time = new FakeTime();
  const [primary, secondary] = [new SimulatedProvider('primary'), new SimulatedProvider('secondary')];
  const outbox: Order[] = [];
  const checkout = new Checkout({
    primary,
    secondary,
    defer: (order) => void outbox.push(order),
    clock: time,
    timer: time,
    random: () => 0.5,
  });
  let orders = 0;
  /** Pays with all waits taken at once. */
  const pay = async (card = '4242') => {
    const call = checkout.pay({ id: `order-${++orders}`, cents: 100, card });
    call.catch(() => {});
    await time.advance(5000);
    return call;
  };
  return { time, primary, secondary, outbox, checkout, pay };
}

describe('a checkout', () => {
  it('is paid by the primary provider', async () => {
    const { pay } = shop();
    expect(await pay()).toMatchObject({ value: { status: 'paid' }, source: 'primary', degraded: false });
  });

  it('repeats what failed in passing, and what hangs, without charging twice', async () => {
    const { pay, primary } = shop();
    primary.troubles.push(new ProviderError('reset'), 'hang');
    expect(await pay()).toMatchObject({ source: 'primary' });
    expect(primary.calls).toBe(3);
    expect(primary.charges).toBe(1);
  });

  it('waits as long as the provider asks to', async () => {
    const { checkout, primary, time } = shop();
    primary.troubles.push(new ProviderError('429', 4000));
    const call = checkout.pay({ id: 'a', cents: 1, card: '4242' });
    await settled();
    await time.advance(3999);
    expect(primary.calls).toBe(1);
    await time.advance(1);
    expect((await call).source).toBe('primary');
  });

  it('goes to the secondary provider, and no longer asks a primary that is down', async () => {
    const { pay, primary, checkout } = shop();
    primary.down = new ProviderError('503');
    for (let order = 0; order < 4; order++) expect((await pay()).source).toBe('secondary');
    expect(primary.calls).toBe(5);
    expect(checkout.breakers.get('payment-primary').state).toBe('OPEN');
    expect(checkout.breakers.get('payment-secondary').state).toBe('CLOSED');
  });

  it('takes the order for later when nobody can be asked', async () => {
    const { pay, primary, secondary, outbox } = shop();
    primary.down = new ProviderError('503');
    secondary.down = new ProviderError('503');
    const answer = await pay();
    expect(answer).toMatchObject({ value: { status: 'deferred' }, source: 'outbox', degraded: true });
    expect(answer.failures.map(({ step }) => step)).toEqual(['primary', 'secondary']);
    expect(outbox).toHaveLength(1);
  });

  it('takes a declined card for an answer: no retry, nobody else, no failure', async () => {
    const { pay, primary, secondary, checkout } = shop();
    for (let order = 0; order < 6; order++)
      await expect(pay('4000')).rejects.toBeInstanceOf(CardDeclinedError);
    expect([primary.calls, secondary.calls]).toEqual([6, 0]);
    expect(checkout.breakers.health().status).toBe('healthy');
  });

  it('returns to the primary provider when it has recovered', async () => {
    const { pay, primary, time } = shop();
    primary.down = new ProviderError('503');
    for (let order = 0; order < 3; order++) await pay();
    primary.down = null;
    await time.advance(30_000);
    expect((await pay()).source).toBe('primary');
  });

  it('asks nobody any more once the customer has left', async () => {
    const { checkout, primary, secondary } = shop();
    primary.down = new ProviderError('503');
    const customer = new AbortController();
    const call = checkout.pay({ id: 'a', cents: 1, card: '4242' }, { signal: customer.signal });
    await settled();
    customer.abort(new Error('left'));
    await expect(call).rejects.toThrow('left');
    expect(secondary.calls).toBe(0);
  });
});

it('the program runs', async () => {
  const { code, stdout, stderr } = await runExample('payments');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('order-1: paid by primary');
  expect(stdout).toContain('breaker payment-primary: CLOSED → OPEN (max failures reached)');
  expect(stdout).toContain('deferred by outbox');
  expect(stdout).toContain('order-8: paid by primary');
});
