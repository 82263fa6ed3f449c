import type { BreakerOverview, Overview, RuleGauge, TargetOverview } from '../../admin/live/live-types.ts';
import type { BreakerReason } from '../../resilience/index.ts';
import { oneLine } from '../terminal/one-line.ts';
import { counted, duration, elapsed, percent, shortNumber } from '../terminal/words.ts';

/** How much attention a state wants; the colour follows from it, and is never all that says so. */
export type Mood = 'good' | 'bad' | 'wary';

/** What the table says of one breaker, in words. */
export interface BreakerRow {
  readonly upstream: string;
  readonly breaker: string;
  readonly state: string;
  readonly mood: Mood;
  /** Each rule: how far it is from opening. */
  readonly counts: string;
  readonly requests: string;
  readonly failed: string;
  readonly nextProbe: string;
  readonly targets: string;
  readonly targetsMood: Mood;
  /** A second line; null: nothing that would have to be explained. */
  readonly why: string | null;
}

const NOTHING = '–';

const WORDS = {
  CLOSED: { symbol: '✓', word: 'closed', mood: 'good' },
  HALF_OPEN: { symbol: '◐', word: 'half-open', mood: 'wary' },
  OPEN: { symbol: '✗', word: 'open', mood: 'bad' },
} as const;

/** All breakers in the order of the configuration, that of the cache last. */
export function breakerRows({ at, upstreams, cacheBreaker }: Overview): BreakerRow[] {
  const rows = upstreams.map(({ name, breaker, targets, totals, failures }) => ({
    ...breakerPart(breaker, at),
    upstream: oneLine(name),
    requests: shortNumber(totals.requests),
    ...targetsPart(targets),
    why: why(breaker, at, failures.at(-1)?.detail),
  }));
  if (cacheBreaker === null) return rows;
  const cache = {
    ...breakerPart(cacheBreaker, at),
    upstream: '(cache)',
    requests: NOTHING,
    targets: NOTHING,
    targetsMood: 'good' as const,
    why: why(cacheBreaker, at),
  };
  return [...rows, cache];
}

/** `open`, `half-open`, `closed`. */
export function stateWord(state: BreakerOverview['state']): string {
  return WORDS[state].word;
}

function breakerPart(breaker: BreakerOverview, at: number) {
  const { symbol, word, mood } = WORDS[breaker.state];
  const { forced, mode, wouldBe } = breaker;
  const notes: string[] = [];
  if (forced !== null) notes.push('forced');
  else if (mode === 'observe')
    notes.push(wouldBe === null || wouldBe === 'CLOSED' ? 'observing' : `would be ${stateWord(wouldBe)}`);
  else if (mode === 'disabled') notes.push('disabled');
  const calm = forced === null && (wouldBe === null || wouldBe === 'CLOSED');
  return {
    breaker: oneLine(breaker.name),
    state: `${symbol} ${word}${notes.map((note) => ` (${note})`).join('')}`,
    mood: mood === 'good' && !calm ? ('wary' as const) : mood,
    counts: breaker.gauges.map(gaugeText).join(', ') || NOTHING,
    failed: breaker.failureRate === null ? NOTHING : percent(breaker.failureRate),
    nextProbe: nextProbe(breaker),
    at,
  };
}

/** `2 of 5 failures`, `12% of 50% failed`; `?`: of too few calls to say. */
function gaugeText(
  { rule, value, threshold, unit }: RuleGauge,
  _at: number,
  all: readonly RuleGauge[],
): string {
  if (unit === 'percent') {
    const what = rule === 'slow_call_rate' ? 'slow' : 'failed';
    return `${value === null ? '?' : percent(value)} of ${percent(threshold)} ${what}`;
  }
  // Where failures are counted in one way only, the rule need not be told from another.
  const inRow = rule === 'consecutive_failures' && all.some((other) => other.rule === 'failures');
  return `${value ?? '?'} of ${counted(threshold, 'failure')}${inRow ? ' in a row' : ''}`;
}

/** When the next request is let through to see whether the upstream is back. */
export function nextProbe({ state, forced, retryAfterMs, halfOpenInFlight }: BreakerOverview): string {
  if (state === 'CLOSED') return NOTHING;
  if (forced === 'open') return 'when released';
  if (state === 'HALF_OPEN') return halfOpenInFlight > 0 ? 'under way' : 'next request';
  // A breaker whose time is over says OPEN until a request comes to probe with.
  return retryAfterMs > 0 ? `in ${duration(retryAfterMs)}` : 'next request';
}

function targetsPart(targets: readonly TargetOverview[]): Pick<BreakerRow, 'targets' | 'targetsMood'> {
  const up = targets.filter(isUp).length;
  const targetsMood = up === targets.length ? 'good' : up === 0 ? 'bad' : 'wary';
  return { targets: `${up}/${targets.length} up`, targetsMood };
}

/** Nothing speaks against it; nothing may have been seen of it yet. */
export function isUp({ status }: TargetOverview): boolean {
  return status === 'healthy' || status === 'unknown';
}

function why(breaker: BreakerOverview, at: number, lastFailure?: string): string | null {
  const { state, openedAt, reason, forced } = breaker;
  if (state === 'CLOSED') return null;
  const since = openedAt === null ? '' : `opened ${elapsed(at - openedAt)} ago`;
  if (forced === 'open') return `${since || 'open'}: forced open by an operator`;
  const texts = [since, causeOf(reason)];
  const told = texts.filter((text) => text !== '').join(': ');
  return oneLine([told, lastFailure ?? ''].filter((text) => text !== '').join('; last failure: '));
}

function causeOf(reason: BreakerReason | null): string {
  // It is no more: it has been released, and waits for its probe.
  if (reason?.rule === 'forced_open') return 'was forced open';
  return reason === null ? '' : `${reason.message}${reasonCounts(reason)}`;
}

const COUNTING: ReadonlySet<string> = new Set([
  'failures',
  'consecutive_failures',
  'failure_rate',
  'slow_call_rate',
]);

/** ` (5 failures of 8 calls)`; nothing for a rule that has not counted. */
export function reasonCounts({ failures, requests, slowCalls, rule }: BreakerReason): string {
  if (!COUNTING.has(rule)) return '';
  const what = rule === 'slow_call_rate' ? `${slowCalls} slow` : counted(failures, 'failure');
  return ` (${what} of ${counted(requests, 'call')})`;
}
