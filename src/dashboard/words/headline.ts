import type {
  BreakerOverview,
  Overview,
  TrafficSample,
  UpstreamOverview,
} from '../../admin/live/live-types.ts';
import { failingUpstreams } from './failing-upstreams.ts';
import { count, countOf, latency, left, listOf, rate } from './format.ts';
import { probeLeftMs } from './probe-left.ts';
import { openedBecause } from './reason-words.ts';
import type { StateLook } from './state-view.ts';

/** The whole situation in a sentence or two. */
export interface Headline {
  readonly look: StateLook;
  readonly title: string;
  /** Changes every second while something is counted down. */
  readonly detail: string;
}

/**
 * @param samples of the traffic, newest last
 * @param now by the clock of the gateway
 */
export function headline(overview: Overview, samples: readonly TrafficSample[], now: number): Headline {
  const { upstreams } = overview;
  const held = upstreams.filter(({ breaker }) => breaker.forced === 'open');
  const open = upstreams.filter(({ breaker }) => breaker.state === 'OPEN' && breaker.forced === null);
  const probing = upstreams.filter(({ breaker }) => breaker.state === 'HALF_OPEN');
  if (open.length + held.length > 0) {
    const all = [...open, ...held];
    const title = `${names(all)} ${all.length === 1 ? 'is' : 'are'} ${open.length === 0 ? 'held open' : 'open'}`;
    return {
      look: 'open',
      title,
      detail: all.length === 1 ? oneOpen(all[0]!, overview, now) : manyOpen(open, overview, now),
    };
  }
  if (probing.length > 0) {
    const title = `${names(probing)} ${probing.length === 1 ? 'is' : 'are'} being probed`;
    return { look: 'half-open', title, detail: 'A few requests are let through; if they succeed, all are.' };
  }
  return calm(overview, samples);
}

function oneOpen({ breaker }: UpstreamOverview, overview: Overview, now: number): string {
  if (breaker.forced !== null)
    return 'An operator holds it open: every request gets 503 until it is released.';
  const why = breaker.reason === null ? '' : `${capital(openedBecause(breaker.reason))}. `;
  return why + probeWords(probeLeftMs(breaker.retryAfterMs, overview.at, now));
}

function manyOpen(open: readonly UpstreamOverview[], overview: Overview, now: number): string {
  if (open.length === 0) return 'An operator holds them open.';
  const soonest = Math.min(...open.map(({ breaker }) => breaker.retryAfterMs));
  const which = open.filter(({ breaker }) => breaker.retryAfterMs === soonest);
  return `First ${which[0]!.name}: ${probeWords(probeLeftMs(soonest, overview.at, now))
    .replace(/^N/, 'n')
    .replace(/^T/, 't')}`;
}

function probeWords(leftMs: number): string {
  return leftMs <= 0 ? 'The next request is the probe.' : `Next probe in ${left(leftMs)}.`;
}

function calm({ upstreams, cacheBreaker }: Overview, samples: readonly TrafficSample[]): Headline {
  const last = samples.at(-1);
  const watched = upstreams.filter(({ breaker }) => breaker.wouldBe !== null && breaker.wouldBe !== 'CLOSED');
  if (watched.length > 0) {
    const title = `${names(watched)} would be open`;
    const whose = watched.length === 1 ? 'Its breaker only observes' : 'Their breakers only observe';
    return { look: 'half-open', title, detail: `${whose}, so nothing is refused.` };
  }
  const failing = failingUpstreams(upstreams, samples);
  if (failing.upstreams.length > 0) {
    const { failures, requests } = failing;
    const title = `${failures === requests ? 'Requests' : 'Some requests'} to ${names(failing.upstreams)} fail`;
    const detail = `${count(failures)} of ${count(requests)} in the last seconds, and no breaker is open.`;
    return { look: 'half-open', title, detail };
  }
  const heldClosed = upstreams.filter(({ breaker }) => breaker.forced === 'closed');
  if (heldClosed.length > 0) {
    const title = `${names(heldClosed)} ${heldClosed.length === 1 ? 'is' : 'are'} held closed`;
    return {
      look: 'held-closed',
      title,
      detail: 'Whatever fails there, nothing opens until it is released.',
    };
  }
  if (cacheBreaker !== null && (cacheBreaker.state !== 'CLOSED' || cacheBreaker.forced !== null)) {
    return cacheHeadline(cacheBreaker, last);
  }
  return targetsHeadline(upstreams, last) ?? everything(last);
}

function cacheHeadline({ state, forced }: BreakerOverview, last: TrafficSample | undefined): Headline {
  if (forced === 'closed') {
    return { look: 'held-closed', title: 'The cache is held closed', detail: traffic(last) };
  }
  const detail = `Requests go on without what Redis keeps. ${traffic(last)}`;
  if (forced === 'open') return { look: 'half-open', title: 'The cache is held open', detail };
  const title = state === 'HALF_OPEN' ? 'The cache is being probed' : 'The cache does not answer';
  return { look: 'half-open', title, detail };
}

function targetsHeadline(
  upstreams: readonly UpstreamOverview[],
  last: TrafficSample | undefined,
): Headline | null {
  const none = upstreams.filter(({ targets }) => targets.length === 0);
  if (none.length > 0) {
    const title = `${names(none)} ${none.length === 1 ? 'has' : 'have'} no targets`;
    return { look: 'half-open', title, detail: `There is nobody to ask. ${traffic(last)}` };
  }
  const targets = upstreams.flatMap((upstream) => upstream.targets);
  const down = targets.filter(({ status }) => status === 'unhealthy' || status === 'ejected');
  if (down.length === 0) return null;
  const where = upstreams.filter(({ targets: own }) => own.some((target) => down.includes(target)));
  const fails = down.length === 1 ? 'a target that fails' : 'targets that fail';
  return {
    look: 'half-open',
    title: `${names(where)} ${where.length === 1 ? 'has' : 'have'} ${fails}`,
    detail: `${down.length} of ${countOf(targets.length, 'target')}. ${traffic(last)}`,
  };
}

function everything(last: TrafficSample | undefined): Headline {
  if (last === undefined || last.rates.requests === 0) {
    return { look: 'closed', title: 'Everything is ready', detail: 'No requests at the moment.' };
  }
  return { look: 'closed', title: 'Everything answers', detail: traffic(last) };
}

function traffic(last: TrafficSample | undefined): string {
  if (last === undefined || last.rates.requests === 0) return 'No requests at the moment.';
  const { rates, latency: times } = last;
  return `${rate(rates.requests)} requests a second, 95% of them within ${latency(times.p95)}.`;
}

const names = (upstreams: readonly UpstreamOverview[]): string => listOf(upstreams.map(({ name }) => name));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
