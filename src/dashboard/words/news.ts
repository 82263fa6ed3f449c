import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { type EventLine, eventLine } from './event-words.ts';
import { countOf } from './format.ts';

/** More than this nobody listens to. */
const MOST = 3;

/**
 * What a screen reader is told of events, '' of none that matters: not what operators do, who know it, and not that a
 * breaker probes in vain, every ten seconds perhaps for a whole night.
 */
export function newsOf(events: readonly NumberedEvent[]): string {
  const news = events.filter((event) => event.type !== 'admin' && !isProbing(event));
  const told = news.slice(-MOST).map(eventLine).map(sentenceOf);
  if (news.length > MOST) told.unshift(`${countOf(news.length, 'change')}, the last of them:`);
  return told.join(' ');
}

function isProbing(event: NumberedEvent): boolean {
  return (
    event.type === 'transition' &&
    ['open_time_over', 'probe_failed', 'probe_lost'].includes(event.reason.rule)
  );
}

function sentenceOf({ subject, sentence }: EventLine): string {
  return subject === null ? `${sentence}.` : `${subject} ${sentence}.`;
}
