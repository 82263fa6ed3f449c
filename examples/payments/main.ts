import { setTimeout as sleep } from 'node:timers/promises';
import { Checkout } from './checkout.ts';
import { type Order, ProviderError, SimulatedProvider } from './payment-provider.ts';

/** A shop whose payment provider breaks down, and recovers. Run it: node examples/payments/main.ts */

const OPEN_MS = 1000;
const primary = new SimulatedProvider('primary');
const secondary = new SimulatedProvider('secondary');
const outbox: Order[] = [];
const checkout = new Checkout({
  primary,
  secondary,
  defer: (order) => void outbox.push(order),
  openTimeoutMs: OPEN_MS,
});
checkout.breakers.onTransition(({ breaker, from, to, reason }) =>
  console.log(`    breaker ${breaker}: ${from} → ${to} (${reason.message})`),
);

let orders = 0;
async function buy(card = '4242 4242'): Promise<void> {
  const order: Order = { id: `order-${++orders}`, cents: 4900, card };
  try {
    const { value, source, failures } = await checkout.pay(order);
    const why = failures.map(({ step, error }) => `${step}: ${(error as Error).message}`).join('; ');
    console.log(`  ${order.id}: ${value.status} by ${source}${why && ` (${why})`}`);
  } catch (error) {
    console.log(`  ${order.id}: ${(error as Error).message}`);
  }
}

console.log('Everything works:');
await buy();

console.log('The primary provider stumbles once; a retry is enough:');
primary.troubles.push(new ProviderError('connection reset'));
await buy();

console.log('A card is declined; nobody else is asked:');
await buy('4000 0000');

console.log(
  'The primary provider is down; the secondary takes over, and soon the primary is not asked at all:',
);
primary.down = new ProviderError('503');
for (let order = 0; order < 3; order++) await buy();
console.log(`  the primary was called ${primary.calls} times`);

console.log('Both are down; the order is taken and charged later:');
secondary.down = new ProviderError('503');
await buy();
console.log(`  waiting in the outbox: ${outbox.map(({ id }) => id).join(', ')}`);

console.log('The primary provider is back:');
primary.down = null;
await sleep(OPEN_MS + 50);
await buy();
