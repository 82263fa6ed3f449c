import type { Overview, TrafficSample } from '../../admin/live/live-types.ts';
import { useNow } from '../live/use-now.ts';
import { countOf, span } from '../words/format.ts';
import { headline } from '../words/headline.ts';
import { StateIcon } from './state-icon.tsx';

const MINUTE_MS = 60_000;

interface Props {
  readonly overview: Overview;
  readonly samples: readonly TrafficSample[];
  /** The connection is: nothing is known any more. */
  readonly lost: boolean;
}

/** The whole situation in one sentence, the largest thing on the page. */
export function Headline({ overview, samples, lost }: Props) {
  const now = useNow(overview.upstreams.some(({ breaker }) => breaker.retryAfterMs > 0));
  const { look, title, detail } = headline(overview, samples, now);
  const { gateway } = overview;
  return (
    <section class={`headline ${look}`}>
      <StateIcon look={look} size={44} />
      <div class="headline-text">
        <h1>{title}</h1>
        <p>{lost ? 'So it was when the gateway was last heard.' : detail}</p>
      </div>
      <dl class="facts">
        <Fact name="Up for" value={span(uptime(overview.at - gateway.startedAt))} />
        {gateway.connections !== null && (
          <Fact name="Clients" value={countOf(gateway.connections, 'connection')} />
        )}
        <Fact name="Version" value={gateway.version} />
        <Fact name="Workers" value={String(gateway.workers)} />
        {gateway.profile !== null && <Fact name="Profile" value={gateway.profile} />}
      </dl>
    </section>
  );
}

/** After the first minute nobody counts its seconds, and nothing has to move for them. */
function uptime(ms: number): number {
  return ms < MINUTE_MS ? ms : Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
