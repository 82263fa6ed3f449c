import type { FailureSample } from '../../observe/gateway-event.ts';
import { failureKind, failureSummary } from '../words/event-words.ts';
import { timeOfDay } from '../words/format.ts';

interface Props {
  readonly failures: readonly FailureSample[];
  /** What they are. */
  readonly label: string;
}

/** Examples of what an upstream suffers from, newest first, behind a click. */
export function FailureList({ failures, label }: Props) {
  return (
    <details class="failures">
      <summary>
        {label}: {failureSummary(failures)}
      </summary>
      <ol>
        {failures.toReversed().map((failure) => (
          <li key={`${failure.requestId} ${failure.at}`}>
            <span class="failure-line">
              <time class="number" dateTime={new Date(failure.at).toISOString()}>
                {timeOfDay(failure.at)}
              </time>
              <b class="failure-kind">{failureKind(failure)}</b>
              <span class="mono">{failure.route}</span>
            </span>
            <span class="failure-detail">{failure.detail}</span>
            <span class="failure-id mono">
              {failure.target === null ? '' : `${failure.target} · `}
              {failure.requestId}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
