import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import type { JsonAnswer } from '../../test/helpers/json-api.ts';
import { type Gateway, Marketplace, type Service } from './start-marketplace.ts';

const MINUTE = 60_000;

let market: Marketplace;
let primary: Service;
let secondary: Service;
beforeAll(async () => {
  market = await Marketplace.start();
  ({ primary, secondary } = market.services);
}, MINUTE);
beforeEach(() => Promise.all([primary.revive(), secondary.revive()]), MINUTE);
afterAll(() => market?.[Symbol.asyncDispose]());

let payments = 0;
const newKey = (): string => `payment-${++payments}`;

function send(gateway: Gateway, path: string, key: string, card: string): Promise<JsonAnswer> {
  return gateway.call(path, { body: { cents: 4900, card }, headers: { 'idempotency-key': key } });
}

const pay = (gateway: Gateway, key: string, card = '4242') => send(gateway, '/payments', key, card);

const isKnown = ({ status }: JsonAnswer): boolean => status < 500;

/** What gateway.yaml tells clients to do until a payment's outcome is known. */
async function finish(gateway: Gateway, key: string, first: JsonAnswer): Promise<JsonAnswer> {
  const provider = first.headers.has('x-circuit-breaker-payment-secondary') ? 'secondary' : 'primary';
  return eventually(async () => {
    const answer = await send(gateway, `/payments/${provider}`, key, '4242');
    if (!isKnown(answer)) throw new Error(`still ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }, MINUTE);
}

const charges = (key: string) => ({ primary: primary.charges(key), secondary: secondary.charges(key) });
const BY_PRIMARY = { primary: 1, secondary: 0 };
const BY_SECONDARY = { primary: 0, secondary: 1 };
const BY_NOBODY = { primary: 0, secondary: 0 };

/** Resolves when the provider has read a request with this key, and says so in its log. */
function hasArrived(provider: Service, key: string): Promise<unknown> {
  return provider.process.waitForLine((line) => line.msg === 'request' && line.key === key);
}

const opened = ({ msg }: { msg: string }): boolean =>
  msg === '[CIRCUIT_BREAKER] payment-primary circuit breaker OPENED: max failures reached';

describe('a payment', { timeout: 2 * MINUTE }, () => {
  it('is charged by the primary provider, once per key, and needs a key', async () => {
    await using gateway = await market.gateway();
    const key = newKey();
    for (let time = 0; time < 3; time++) {
      const answer = await pay(gateway, key);
      expect(answer).toMatchObject({ status: 201, body: { provider: 'primary' } });
      expect(answer.headers.get('x-fallback')).toBeNull();
      expect(answer.headers.get('x-system-degraded')).toBe('false');
    }
    expect(charges(key)).toEqual(BY_PRIMARY);
    expect((await gateway.call(`/payments/primary/${key}`)).status).toBe(200);
    expect((await gateway.call(`/payments/secondary/${key}`)).status).toBe(404);
    expect((await gateway.call('/payments', { body: { card: '4242' } })).status).toBe(400);
  });

  it('that is declined is an answer: no retry, nobody else, no failure', async () => {
    await using gateway = await market.gateway();
    for (let time = 0; time < 6; time++) {
      const key = newKey();
      expect((await pay(gateway, key, '4000')).status).toBe(402);
      await eventually(() => expect(primary.requests(key)).toBe(1));
      expect(charges(key)).toEqual(BY_NOBODY);
    }
    const { body } = await gateway.call('/health');
    expect(body.data['payment-primary'].circuit_breaker).toMatchObject({ state: 'CLOSED', failure_count: 0 });
  });

  it('goes to the secondary while the primary refuses connections, and back when it has recovered', async () => {
    await primary.kill();
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '300ms' });
    for (let time = 0; time < 10; time++) {
      const key = newKey();
      const answer = await pay(gateway, key);
      expect(answer).toMatchObject({ status: 201, body: { provider: 'secondary' } });
      expect(answer.headers.get('x-fallback')).toBe('secondary');
      expect(answer.headers.get('x-system-degraded')).toBe('true');
      expect(charges(key)).toEqual(BY_SECONDARY);
    }
    await gateway.process.waitForLine(opened);
    await primary.restart();
    await eventually(async () => {
      const key = newKey();
      expect((await pay(gateway, key)).body.provider).toBe('primary');
      expect(charges(key)).toEqual(BY_PRIMARY);
    });
    await gateway.process.waitForLine(
      ({ msg }) => msg === '[CIRCUIT_BREAKER] payment-primary circuit breaker CLOSED: recovery successful',
    );
  });

  it.each([
    ['before it has charged', '4001', 0],
    ['after it has charged', '4002', 1],
  ])('does not go to the secondary when the primary is killed %s', async (_, card, charged) => {
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '300ms' });
    const key = newKey();
    const answer = pay(gateway, key, card);
    answer.catch(() => {});
    await hasArrived(primary, key);
    if (charged) await eventually(() => expect(primary.charges(key)).toBe(1));
    await primary.kill();
    const first = await answer;
    expect(first.status).toBe(502);
    expect(charges(key)).toEqual({ primary: charged, secondary: 0 });
    await primary.restart();
    expect(await finish(gateway, key, first)).toMatchObject({ status: 201, body: { provider: 'primary' } });
    expect(charges(key)).toEqual(BY_PRIMARY);
  });

  it('is not tried again at a primary that hangs; the breaker sends the next ones to the secondary', async () => {
    await using gateway = await market.gateway({ PAYMENT_TIMEOUT: '2s' });
    primary.process.signal('SIGSTOP');
    const hung = Array.from({ length: 5 }, newKey);
    const firsts = await Promise.all(hung.map((key) => pay(gateway, key)));
    for (const { status, body } of firsts) {
      expect(status).toBe(504);
      expect(body.error.code).toBe('UPSTREAM_TIMEOUT');
    }
    const next = newKey();
    const answer = await pay(gateway, next);
    expect(answer).toMatchObject({ status: 201, body: { provider: 'secondary' } });
    expect(answer.headers.get('x-circuit-breaker-payment-primary')).toBe('OPEN');
    expect(charges(next)).toEqual(BY_SECONDARY);
    for (const key of hung) expect(charges(key)).toEqual(BY_NOBODY);

    primary.process.signal('SIGCONT');
    // A gateway whose breaker knows nothing of it: what is open here would only make the test wait.
    await using other = await market.gateway();
    for (const [at, key] of hung.entries()) {
      expect(await finish(other, key, firsts[at] as JsonAnswer)).toMatchObject({ status: 201 });
    }
    for (const key of hung) expect(charges(key)).toEqual(BY_PRIMARY);
  });

  it('is tried again at a primary that answers 503, but not elsewhere; five failures open the way', async () => {
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '2s' });
    primary.loseDisk();
    const key = newKey();
    const first = await pay(gateway, key);
    expect(first).toMatchObject({ status: 503, body: { error: 'temporarily unavailable' } });
    expect(first.headers.get('x-fallback')).toBeNull();
    await eventually(() => expect(primary.requests(key)).toBe(3));
    expect((await pay(gateway, newKey())).status).toBe(503);
    await gateway.process.waitForLine(opened);
    const next = newKey();
    expect((await pay(gateway, next)).body.provider).toBe('secondary');
    primary.findDisk();
    expect(charges(key)).toEqual(BY_NOBODY);
    expect(await finish(gateway, key, first)).toMatchObject({ status: 201, body: { provider: 'primary' } });
    expect(charges(key)).toEqual(BY_PRIMARY);
    expect(charges(next)).toEqual(BY_SECONDARY);
  });

  it('stays with the secondary when that one dies after the charge', async () => {
    await primary.kill();
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '300ms' });
    const key = newKey();
    const answer = pay(gateway, key, '4002');
    answer.catch(() => {});
    await eventually(() => expect(secondary.charges(key)).toBe(1));
    await secondary.kill();
    const first = await answer;
    expect(isKnown(first)).toBe(false);
    expect(first.headers.has('x-circuit-breaker-payment-secondary')).toBe(true);
    await Promise.all([primary.restart(), secondary.restart()]);
    expect(await finish(gateway, key, first)).toMatchObject({ body: { provider: 'secondary' } });
    expect(charges(key)).toEqual(BY_SECONDARY);
  });

  it('is charged exactly once, whatever happens to the providers meanwhile', async () => {
    await using gateway = await market.gateway({ OPEN_TIMEOUT: '100ms' });
    const keys = Array.from({ length: 36 }, newKey);
    const customers = Promise.all(
      Array.from({ length: 6 }, async (_, customer) => {
        for (let at = customer; at < keys.length; at += 6) {
          const key = keys[at] as string;
          const first = await pay(gateway, key, at % 3 === 0 ? '4002' : '4242');
          if (!isKnown(first)) await finish(gateway, key, first);
        }
      }),
    );
    let over = false;
    const done = customers.finally(() => {
      over = true;
    });
    done.catch(() => {});
    // Each dies when it has a few payments in hand, or has not been asked for a while.
    for (let blow = 0; !over; blow++) {
      const provider = blow % 3 === 2 ? secondary : primary;
      await eventually(() => {
        if (!over && provider.requests() < 4) throw new Error('not asked yet');
      }, 500).catch(() => {});
      await provider.restart();
    }
    await done;
    for (const key of keys) {
      const { primary: first, secondary: second } = charges(key);
      expect({ key, charged: first + second }).toEqual({ key, charged: 1 });
    }
  });
});
