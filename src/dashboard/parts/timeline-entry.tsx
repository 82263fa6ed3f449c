import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { eventLine } from '../words/event-words.ts';
import { timeOfDay } from '../words/format.ts';
import { FailureList } from './failure-list.tsx';
import { StateIcon } from './state-icon.tsx';

export function TimelineEntry({ event }: { readonly event: NumberedEvent }) {
  const { look, subject, sentence, aside, samples } = eventLine(event);
  return (
    <li class={`entry ${look}`}>
      <StateIcon look={look} size={20} />
      <div class="entry-text">
        <p class="entry-sentence">
          {subject !== null && <b>{subject} </b>}
          {sentence}
        </p>
        <p class="entry-aside">
          <time class="number" dateTime={new Date(event.at).toISOString()}>
            {timeOfDay(event.at)}
          </time>
          {aside !== null && ` · ${aside}`}
        </p>
        {samples.length > 0 && <FailureList failures={samples} label="Before it" />}
      </div>
    </li>
  );
}
