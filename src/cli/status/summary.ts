import type { BreakerOverview, Overview, UpstreamOverview } from '../../admin/live/live-types.ts';
import { oneLine } from '../terminal/one-line.ts';
import { counted, elapsed, listed } from '../terminal/words.ts';
import { isUp, nextProbe, stateWord } from './breaker-row.ts';

/** The state of the whole in one or two sentences. */
export function summary({ upstreams, cacheBreaker }: Overview): string {
  const sick = upstreams.filter(({ breaker }) => breaker.state !== 'CLOSED');
  const texts = [sick.length === 0 ? allHealthy(upstreams) : degraded(sick, upstreams.length)];
  if (cacheBreaker !== null && cacheBreaker.state !== 'CLOSED') {
    texts.push(`The cache's breaker ${oneLine(cacheBreaker.name)} is ${stateWord(cacheBreaker.state)}.`);
  }
  return [...texts, ...remarks(upstreams)].join(' ');
}

/** What is running, and where: one line. */
export function gatewayLine({ at, gateway }: Overview): string {
  const { version, listen, workers, startedAt, profile, connections } = gateway;
  const parts = [
    `breakwater ${version} on ${listen}`,
    `up ${elapsed(at - startedAt)}`,
    ...(workers === 1 ? [] : [`${workers} workers`]),
    ...(profile === null ? [] : [`profile ${profile}`]),
    ...(connections === null ? [] : [counted(connections, 'client connection')]),
  ];
  return oneLine(parts.join(' · '));
}

function allHealthy(upstreams: readonly UpstreamOverview[]): string {
  const [only] = upstreams;
  // A target that failed last, in front of a breaker that has not had enough of it.
  if (upstreams.some(({ targets }) => !targets.every(isUp))) return 'No breaker is open.';
  return upstreams.length === 1
    ? `${oneLine(only!.name)} is healthy.`
    : `All ${upstreams.length} services are healthy.`;
}

function degraded(sick: readonly UpstreamOverview[], all: number): string {
  const [only] = sick;
  const healthy = all - sick.length;
  const rest =
    healthy === 0
      ? all === 1
        ? ''
        : ` None of ${all} services is healthy.`
      : ` ${healthy} of ${all} services ${healthy === 1 ? 'is' : 'are'} healthy.`;
  if (sick.length === 1) return `${alone(only!.name, only!.breaker)}.${rest}`;
  const texts: string[] = [];
  for (const state of ['OPEN', 'HALF_OPEN'] as const) {
    const names = sick.filter(({ breaker }) => breaker.state === state).map(({ name }) => oneLine(name));
    if (names.length > 0)
      texts.push(`${listed(names)} ${names.length === 1 ? 'is' : 'are'} ${stateWord(state)}`);
  }
  return `${texts.join('; ')}.${rest}`;
}

function alone(name: string, breaker: BreakerOverview): string {
  const { state, forced, reason, retryAfterMs } = breaker;
  const start = `${oneLine(name)} is ${stateWord(state)}`;
  if (forced === 'open') return `${start}: forced open until it is released`;
  if (state === 'HALF_OPEN') {
    return `${start}: ${breaker.halfOpenInFlight > 0 ? 'a probe is under way' : 'the next request is its probe'}`;
  }
  const cause = reason === null ? '' : `: ${oneLine(reason.message)}`;
  const next = retryAfterMs > 0 ? `next probe ${nextProbe(breaker)}` : 'the next request is its probe';
  return `${start}${cause}, ${next}`;
}

/** What is worth a sentence although no breaker has opened for it. */
function remarks(upstreams: readonly UpstreamOverview[]): string[] {
  const texts: string[] = [];
  for (const { name, breaker, targets } of upstreams) {
    if (breaker.forced === 'closed') texts.push(`${oneLine(name)} is forced closed.`);
    else if (breaker.mode === 'observe' && breaker.wouldBe !== null && breaker.wouldBe !== 'CLOSED') {
      texts.push(`${oneLine(name)} would be ${stateWord(breaker.wouldBe)}, but its breaker only observes.`);
    }
    const down = targets.filter((target) => !isUp(target)).length;
    if (down > 0 && breaker.state === 'CLOSED') {
      const which = targets.length === 1 ? 'The target' : `${down} of ${targets.length} targets`;
      texts.push(`${which} of ${oneLine(name)} ${down === 1 ? 'is' : 'are'} down.`);
    }
  }
  return texts.length > 3 ? [...texts.slice(0, 2), `And ${texts.length - 2} more remarks.`] : texts;
}
