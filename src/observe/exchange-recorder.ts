import type { Refusal } from '../http/refusal.ts';
import type { FailedAttempt } from '../proxy/exchange-context.ts';
import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { exemplarWords } from './exemplar-layout.ts';
import { ExemplarRecorder } from './exemplar-recorder.ts';
import { RefusalRecorder } from './refusal-recorder.ts';
import type { RouteLabels } from './request-layout.ts';
import { RequestRecorder } from './request-recorder.ts';
import { UpstreamRecorder } from './upstream-recorder.ts';

/** What the metrics are of: the same, in the same order, in all threads. */
export interface Counted {
  readonly routes: readonly RouteLabels[];
  /** Names of the upstreams. */
  readonly upstreams: readonly string[];
  /** Whether traces are remembered as examples of durations. */
  readonly exemplars: boolean;
}

/** Words that one thread counts in, which no other one writes; those who read them have the same. */
export interface CountMemories {
  /** `requestMetricsWords(routes.length)`. */
  readonly requests: Int32Array;
  /** `upstreamMetricsWords(upstreams.length)`. */
  readonly upstreams: Int32Array;
  /** REFUSAL_WORDS. */
  readonly refusals: Int32Array;
  /** `exemplarWords(routes.length)`; null: none are kept. */
  readonly exemplars: Int32Array | null;
}

interface Named {
  readonly name: string;
}

/** Counts all that the traffic of one thread gives to count. Nothing of it throws or waits. */
export class ExchangeRecorder implements ExchangeObserver {
  readonly memories: CountMemories;
  readonly #requests: RequestRecorder;
  readonly #upstreams: UpstreamRecorder;
  readonly #refusals: RefusalRecorder;

  /**
   * @param memories a thread that takes the place of a dead one goes on with its. @default private ones
   * @throws InvalidOptionError one of them is too small or not aligned
   */
  constructor({ routes, upstreams, exemplars }: Counted, memories?: CountMemories) {
    const own = exemplars && memories === undefined ? new Int32Array(exemplarWords(routes.length)) : null;
    const words = exemplars ? (memories?.exemplars ?? own) : null;
    this.#requests = new RequestRecorder(
      routes,
      memories?.requests,
      words === null ? null : new ExemplarRecorder(routes.length, words),
    );
    this.#upstreams = new UpstreamRecorder(upstreams, memories?.upstreams);
    this.#refusals = new RefusalRecorder(memories?.refusals);
    this.memories = memories ?? {
      requests: this.#requests.memory,
      upstreams: this.#upstreams.memory,
      refusals: this.#refusals.memory,
      exemplars: words,
    };
  }

  finished(record: ExchangeRecord): void {
    this.#requests.finished(record);
    if (record.errorCode !== null) this.#refusals.finished(record);
  }

  attemptFailed({ kind }: Pick<FailedAttempt, 'kind'>, upstream: Named): void {
    this.#upstreams.attemptFailed(upstream.name, kind);
  }

  /** An attempt has got its response head. @param ms of the upstream's own time until it */
  answered(upstream: Named, ms: number): void {
    this.#upstreams.answered(upstream.name, ms);
  }

  /** An error was answered before there was a request. */
  headRefused({ code }: Pick<Refusal, 'code'>): void {
    this.#refusals.refused(code);
  }
}
