import type { Overview, TrafficSample } from '../../admin/live/live-types.ts';
import { useNow } from '../live/use-now.ts';
import { headline } from '../words/headline.ts';
import { StateIcon } from './state-icon.tsx';

interface Props {
  readonly overview: Overview;
  readonly samples: readonly TrafficSample[];
  readonly id: string;
  readonly title: string;
  readonly children: string;
}

/** The top of a view other than the overview, with the way back to what goes on. */
export function ViewHead({ overview, samples, id, title, children }: Props) {
  const situation = headline(overview, samples, useNow(false));
  return (
    <div class="view-head">
      <div>
        <h1 id={id}>{title}</h1>
        <p>{children}</p>
      </div>
      {situation.look !== 'closed' && (
        <a class="view-situation" href="#/">
          <StateIcon look={situation.look} size={20} />
          {situation.title}
        </a>
      )}
    </div>
  );
}
