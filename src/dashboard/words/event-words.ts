import type { FailureSample, GatewayEvent } from '../../observe/gateway-event.ts';
import { span } from './format.ts';
import { openedBecause, transitionWords } from './reason-words.ts';
import { type StateLook, stateLook } from './state-view.ts';

/** A line of the timeline. */
export interface EventLine {
  readonly look: StateLook | 'target' | 'person' | 'gateway';
  /** What it is about, told apart from the rest; null where the sentence says it. */
  readonly subject: string | null;
  readonly sentence: string;
  /** More, in smaller print. */
  readonly aside: string | null;
  readonly samples: readonly FailureSample[];
}

const TARGET_WORDS = {
  ejected: 'was taken out of rotation',
  restored: 'is back in rotation',
  healthy: 'passes its health check again',
  unhealthy: 'fails its health check',
  added: 'was added',
  removed: 'was removed',
  dns_failed: 'could not be looked up',
} as const;

export function eventLine(event: GatewayEvent): EventLine {
  const plain = { subject: null, aside: null, samples: [] };
  switch (event.type) {
    case 'transition':
      return {
        look: event.reason.rule === 'forced_closed' ? 'held-closed' : stateLook(event.to),
        subject: event.upstream ?? event.breaker,
        sentence: transitionWords(event.from, event.to, event.reason),
        aside: transitionAside(event.retryAfterMs, event.openForMs),
        samples: event.samples,
      };
    case 'would_open':
      return {
        // Nothing is refused, so it does not look like what refuses.
        look: 'half-open',
        subject: event.upstream ?? event.breaker,
        sentence: `would have opened: ${openedBecause(event.reason)}`,
        aside: 'It only observes.',
        samples: event.samples,
      };
    case 'target':
      return {
        ...plain,
        look: 'target',
        subject: event.upstream,
        sentence: `${event.target} ${TARGET_WORDS[event.change]}`,
        aside: event.reason === '' ? null : event.reason,
      };
    case 'admin':
      return { ...plain, look: 'person', sentence: `Operator: ${event.action}`, aside: `from ${event.from}` };
    case 'gateway':
      return { ...plain, look: 'gateway', sentence: GATEWAY_WORDS[event.what], aside: event.detail };
  }
}

const GATEWAY_WORDS = {
  started: 'The gateway started',
  worker_died: 'A worker died',
  worker_replaced: 'A worker was replaced',
} as const;

function transitionAside(retryAfterMs: number | null, openForMs: number | null): string | null {
  if (openForMs !== null) return `It was open for ${span(openForMs)}.`;
  return retryAfterMs === null ? null : `It asks for a probe after ${span(retryAfterMs)}.`;
}

/** Which upstream an event is about; null: none, or all. */
export function upstreamOf(event: GatewayEvent): string | null {
  return event.type === 'admin' || event.type === 'gateway' ? null : event.upstream;
}

/** `503`, `ECONNREFUSED`, `headers timeout`: the shortest that says what went wrong. */
export function failureKind({ kind, status, code }: FailureSample): string {
  return code ?? (kind === 'status' && status !== null ? `status ${status}` : kind.replaceAll('_', ' '));
}

/** `5 × ECONNREFUSED`, `3 × status 503, 2 × headers timeout` */
export function failureSummary(failures: readonly FailureSample[]): string {
  const kinds = [...Map.groupBy(failures, failureKind)].sort(([, a], [, b]) => b.length - a.length);
  const shown = kinds.slice(0, 3).map(([kind, those]) => `${those.length} × ${kind}`);
  return kinds.length > shown.length ? `${shown.join(', ')} …` : shown.join(', ');
}
