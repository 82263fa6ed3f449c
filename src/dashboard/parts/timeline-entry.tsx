import { eventLine } from '../words/event-words.ts';
import type { TimelineItem } from '../words/fold-probes.ts';
import { count, timeOfDay } from '../words/format.ts';
import { FailureList } from './failure-list.tsx';
import { StateIcon } from './state-icon.tsx';

export function TimelineEntry({ item }: { readonly item: TimelineItem }) {
  const { event, failedProbes, since } = item;
  const { look, subject, sentence, aside, samples } = eventLine(event);
  return (
    <li class={`entry ${look}`}>
      <StateIcon look={look} size={20} />
      <div class="entry-text">
        <p class="entry-sentence">
          {subject !== null && <b>{subject} </b>}
          {failedProbes > 1 ? `stays open: ${count(failedProbes)} probes failed` : sentence}
        </p>
        <p class="entry-aside">
          <time class="number" dateTime={new Date(event.at).toISOString()}>
            {timeOfDay(event.at)}
          </time>
          {failedProbes > 1 && `, the first at ${timeOfDay(since)}`}
          {aside !== null && ` · ${aside}`}
        </p>
        {samples.length > 0 && <FailureList failures={samples} label="Before it" />}
      </div>
    </li>
  );
}
