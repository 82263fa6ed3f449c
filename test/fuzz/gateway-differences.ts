import type { ClientAnswer } from './client-reading.ts';
import type { GatewayCase } from './gateway-stage.ts';
import type { Told } from './gateways-part.ts';

type Pair = readonly [full: Told, fast: Told];

/**
 * What two gateways may do differently with the same bytes, and why; all else must be equal. Each makes equal what it
 * explains, and nothing more.
 */
const ALLOWED: readonly ((pair: Pair, one: GatewayCase) => Pair)[] = [
  // A reset may overtake what was sent before it: how much of a broken answer comes through is nobody's to promise.
  (pair) => (pair.every(isReset) ? both(pair, withoutBroken) : pair),
  // The full lane cannot tell where a request begins that comes in one piece with a body before it, nor what stands behind
  // the 4 KiB it looks at. So the words, and the status, in which it refuses what node's parser could not read are a matter
  // of luck then.
  (pair, one) => (needsLuck(one) && pair.every(endsUnreadable) ? both(pair, withoutReason) : pair),
  // The full lane does not read on while a second request waits, and sees only then that its client has left; the fast lane
  // reads on, up to 64 KiB.
  ([full, fast]) => [full.lived && full.end === null ? { ...full, end: fast.end } : full, fast],
  // undici keeps of a reason only what came last, when it was cut.
  ([full, fast]) => [
    { ...full, answers: full.answers.map((it, nth) => sameReason(it, fast.answers[nth])) },
    fast,
  ],
  // Of a body in chunks that is empty undici says nothing where the method expects none, the fast lane that it is empty.
  ([full, fast]) => [{ ...full, seen: full.seen.map((it, nth) => sameEmptiness(it, fast.seen[nth])) }, fast],
];

function sameReason(full: ClientAnswer, fast: ClientAnswer | undefined): ClientAnswer {
  return fast?.reason.endsWith(full.reason) ? { ...full, reason: fast.reason } : full;
}

function sameEmptiness(full: string, fast: string | undefined): string {
  return full.replace(/\nnone\n$/, '\nlength\n') === fast ? fast : full;
}

/** The codes of what node's parser refuses. */
const UNREADABLE =
  /^\{"error":\{"code":"(BAD_REQUEST|METHOD_NOT_IMPLEMENTED|HTTP_VERSION_NOT_SUPPORTED|URI_TOO_LONG|HEADERS_TOO_LARGE)"/;
const ONE_LOOK = 4_096;

function needsLuck({ pieces }: GatewayCase): boolean {
  const text = Buffer.concat(pieces).toString('latin1');
  return text.length > ONE_LOOK || /content-length|transfer-encoding/i.test(text);
}

function endsUnreadable({ answers }: Told): boolean {
  return UNREADABLE.test(answers.at(-1)?.body ?? '');
}

function withoutReason(told: Told): Told {
  return {
    ...told,
    answers: told.answers.with(-1, { ...(told.answers.at(-1) as ClientAnswer), ...NO_REASON }),
  };
}

const NO_REASON: Partial<ClientAnswer> = { status: 400, reason: '', fields: [], body: '' };

function isReset({ lived, end }: Told): boolean {
  return !lived && end === 'reset';
}

function withoutBroken(told: Told): Told {
  return { ...told, answers: told.answers.filter(({ whole }) => whole) };
}

function both([full, fast]: Pair, change: (told: Told) => Told): Pair {
  return [change(full), change(fast)];
}

/** What both have done, less what they may do differently. */
export function withoutAllowed(pair: Pair, one: GatewayCase): Pair {
  return ALLOWED.reduce((pair, allowed) => allowed(pair, one), pair);
}
