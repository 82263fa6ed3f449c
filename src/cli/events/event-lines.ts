import type { FailureSample, NumberedEvent, TransitionEvent } from '../../observe/gateway-event.ts';
import { reasonCounts } from '../status/breaker-row.ts';
import { oneLine } from '../terminal/one-line.ts';
import type { Palette } from '../terminal/palette.ts';
import { duration, localTime } from '../terminal/words.ts';

/** An event for people: when, what, and why; under one that opened a breaker the failures that came before it. */
export function eventLines(event: NumberedEvent, palette: Palette): string[] {
  const head = `${palette.faint(`#${event.id}  ${localTime(event.at)}`)}  `;
  const samples = event.type === 'transition' || event.type === 'would_open' ? event.samples : [];
  return [
    head + whatHappened(event, palette),
    ...samples.map((sample) => palette.faint(`      ${sampleText(sample)}`)),
  ];
}

function whatHappened(event: NumberedEvent, palette: Palette): string {
  switch (event.type) {
    case 'transition':
      return transition(event, palette);
    case 'would_open': {
      const { message } = event.reason;
      return palette.wary(
        `◐ ${subject(event)} would have opened: ${oneLine(message)}${reasonCounts(event.reason)}; it only observes`,
      );
    }
    case 'target': {
      const text = `${oneLine(event.upstream)}: ${oneLine(event.target)} ${event.change.replace('_', ' ')}${because(event.reason)}`;
      return TARGET_DOWN.has(event.change) ? palette.bad(`↓ ${text}`) : `↑ ${text}`;
    }
    case 'admin':
      return palette.strong(`! operator: ${oneLine(event.action)} (from ${oneLine(event.from)})`);
    case 'gateway':
      return `* gateway: ${event.what.replace('_', ' ')}${because(event.detail)}`;
    default:
      // A newer gateway may know more kinds.
      return `? ${oneLine(JSON.stringify(event))}`;
  }
}

const TARGET_DOWN: ReadonlySet<string> = new Set(['ejected', 'unhealthy', 'removed', 'dns_failed']);

function transition(event: TransitionEvent, palette: Palette): string {
  const { to, reason, retryAfterMs, openForMs } = event;
  const cause = oneLine(reason.message);
  if (to === 'OPEN') {
    const next = retryAfterMs === null ? '' : `; next probe in ${duration(retryAfterMs)}`;
    return palette.bad(`✗ ${subject(event)} opened: ${cause}${reasonCounts(reason)}${next}`);
  }
  if (to === 'HALF_OPEN') return palette.wary(`◐ ${subject(event)} is half-open: ${cause}`);
  const after = openForMs === null ? '' : `, ${duration(openForMs)} after it had opened`;
  return palette.good(`✓ ${subject(event)} closed: ${cause}${after}`);
}

function subject({ breaker, upstream }: Pick<TransitionEvent, 'breaker' | 'upstream'>): string {
  return oneLine(upstream === null || upstream === breaker ? breaker : `${breaker} (${upstream})`);
}

function because(text: string): string {
  return text === '' ? '' : `: ${oneLine(text)}`;
}

/** `12:00:04  /auth/* at http://10.0.0.7:8081: connection refused (ECONNREFUSED), request 4f1c…`. */
function sampleText({ at, route, target, detail, code, requestId }: FailureSample): string {
  const where = target === null ? route : `${route} at ${target}`;
  const system = code === null || detail.includes(code) ? '' : ` (${code})`;
  return oneLine(`${localTime(at).slice(11)}  ${where}: ${detail}${system}, request ${requestId}`);
}
