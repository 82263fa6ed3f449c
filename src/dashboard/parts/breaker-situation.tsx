import type { BreakerOverview } from '../../admin/live/live-types.ts';
import { useNow } from '../live/use-now.ts';
import { ago, left, span, timeOfDay } from '../words/format.ts';
import { probeLeftMs } from '../words/probe-left.ts';
import { openedBecause } from '../words/reason-words.ts';
import { CountdownRing } from './countdown-ring.tsx';
import { RuleMeter } from './rule-meter.tsx';

interface Props {
  readonly breaker: BreakerOverview;
  /** When the overview was made. */
  readonly at: number;
  /** When it opened first, if failed probes have opened it again since; null: nobody knows. */
  readonly openSince: number | null;
}

/** Where a breaker stands: how far from opening, or why and since when it is open and how long still. */
export function BreakerSituation({ breaker, at, openSince }: Props) {
  if (breaker.mode === 'disabled')
    return <p class="situation rule-words">Its breaker is off: everything passes.</p>;
  return (
    <div class="situation">
      <Sentence breaker={breaker} at={at} openSince={openSince} />
      {breaker.gauges.length > 0 && (
        <ul class="rules" aria-label="Rules that open it">
          {breaker.gauges.map((gauge) => (
            <RuleMeter key={gauge.rule} gauge={gauge} alone={breaker.gauges.length === 1} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Sentence({ breaker, at, openSince }: Props) {
  const ticking = breaker.state !== 'CLOSED' || hasRecovered(breaker);
  const now = useNow(ticking);
  const { state, forced, reason, openedAt, lastChangeAt } = breaker;
  if (forced === 'open') {
    return <Since title="An operator holds it open" text="Nothing gets through until it is released." />;
  }
  if (forced === 'closed') {
    return <Since title="An operator holds it closed" text="Everything gets through until it is released." />;
  }
  if (state === 'OPEN') {
    const leftMs = probeLeftMs(breaker.retryAfterMs, at, now);
    const openFor = breaker.retryAfterMs + (at - lastChangeAt);
    return (
      <div class="opened">
        <CountdownRing leftMs={leftMs} wholeMs={openFor} />
        <div>
          <p class="opened-why">{reason === null ? 'It is open' : capital(openedBecause(reason))}</p>
          <p class="opened-when">
            Opened <Moment at={openSince ?? openedAt ?? lastChangeAt} now={now} />.{' '}
            {leftMs > 0 ? (
              <>
                Next probe in <b class="number">{left(leftMs)}</b>.
              </>
            ) : (
              'The next request is the probe.'
            )}
          </p>
        </div>
      </div>
    );
  }
  if (state === 'HALF_OPEN') {
    const probes = breaker.halfOpenInFlight;
    const text = probes === 0 ? 'It waits for a request to probe with.' : `${probes} under way.`;
    return <Since title="Probing whether it answers again" text={text} />;
  }
  if (breaker.wouldBe === 'OPEN') {
    return (
      <Since
        title={`It would be open${reason === null ? '' : `: ${openedBecause(reason)}`}`}
        text="It only observes."
      />
    );
  }
  if (hasRecovered(breaker)) {
    return (
      <p class="recovered">
        Recovered <Moment at={lastChangeAt} now={now} />, after {span(breaker.lastRecoveryMs ?? 0)}.
      </p>
    );
  }
  return <p class="rule-words">{capital(breaker.rules)}.</p>;
}

/** Of itself: one that an operator has closed or reset has no reason to have been open any more. */
function hasRecovered({ state, forced, lastRecoveryMs, reason }: BreakerOverview): boolean {
  if (state !== 'CLOSED' || forced !== null || lastRecoveryMs === null) return false;
  return reason !== null && reason.rule !== 'forced_open';
}

function Since({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div class="opened">
      <div>
        <p class="opened-why">{title}</p>
        <p class="opened-when">{text}</p>
      </div>
    </div>
  );
}

function Moment({ at, now }: { readonly at: number; readonly now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={timeOfDay(at)}>
      {ago(now - at)}
    </time>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
