import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Question, serve } from './serve.ts';

/**
 * A payment provider's interface: `POST /payments` charges a card once per `Idempotency-Key`, however often it is
 * asked; `GET /payments/{key}` says whether it has. Its books are the file `LEDGER`, one line per charge, and survive its death.
 *
 * Like every provider's sandbox it knows cards by what happens to them: `4242` is charged, `4000` is declined, `4001`
 * takes `SLOW_MS` to be authorised (nothing is charged before), `4002` is charged at once and takes as long to be
 * confirmed.
 */

const provider = process.env.NAME ?? 'provider';
const ledger = process.env.LEDGER ?? join(tmpdir(), `${provider}-${process.pid}.jsonl`);
const slowMs = Number(process.env.SLOW_MS ?? 2000);

serve(async (question) => {
  const [, collection, key] = question.path.split('/');
  if (collection !== 'payments') return { status: 404, json: { error: 'not found' } };
  if (key === undefined) return pay(question);
  return isCharged(key) ? paid(key, 200) : { status: 404, json: { error: 'no such payment' } };
});

async function pay({ headers, json }: Question): Promise<Answer> {
  const key = headers['idempotency-key'];
  // Without a key nobody could tell a repeated payment from a second one.
  if (typeof key !== 'string') return { status: 400, json: { error: 'Idempotency-Key is missing' } };
  const card = String(json.card);
  if (card.startsWith('4000')) return { status: 402, json: { error: 'card declined' } };
  if (card.startsWith('4001')) await sleep(slowMs);
  // Reading and writing the books are one step: no other request of the same key comes between.
  if (!isCharged(key)) appendFileSync(ledger, `${JSON.stringify({ key, cents: json.cents })}\n`);
  if (card.startsWith('4002')) await sleep(slowMs);
  return paid(key, 201);
}

function paid(key: string, status: number): Answer {
  return { status, json: { payment: key, provider, status: 'paid' } };
}

function isCharged(key: string): boolean {
  if (!existsSync(ledger)) return false;
  const lines = readFileSync(ledger, 'utf8').split('\n');
  return lines.some((line) => line !== '' && JSON.parse(line).key === key);
}
