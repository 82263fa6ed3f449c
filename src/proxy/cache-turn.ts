import type { HeaderList } from '../http/message.ts';
import type { Fetch, Question, StoredAnswer } from './cache/response-cache.ts';
import type { ExchangeSite } from './exchange-site.ts';

/** What an exchange does with the answer to its question. */
export interface CacheFindings {
  onStored(answer: StoredAnswer): void;
  onFetch(): void;
  /** The client wants only what is stored, and nothing fit is. */
  onUnsatisfiable(): void;
  /** The gateway's own code failed. */
  onBroke(error: unknown): void;
}

/** One exchange's dealings with the cache: asks it first, lets it listen to what comes, and asks it again in need. */
export class CacheTurn {
  readonly #question: Question;
  readonly #waiting = new AbortController();
  #fetch: Fetch | null = null;
  #status: string | null = null;
  #over = false;

  private constructor(question: Question) {
    this.#question = question;
  }

  /** Null when the route has no cache, or the cache no business with the request. */
  static begin({ context, admission, request }: ExchangeSite): CacheTurn | null {
    const { plan, path } = admission;
    if (plan.cache === null || context.cache === null) return null;
    const place = { ...plan.cache, upstream: plan.upstream.name, path };
    const question = context.cache.question(request, place);
    return question === null ? null : new CacheTurn(question);
  }

  /** The gateway's member of `Cache-Status`; null before the cache has said anything. */
  get status(): string | null {
    return this.#status;
  }

  /** Fields to send in place of the client's own conditional ones. */
  get conditional(): HeaderList | null {
    return this.#fetch?.conditional ?? null;
  }

  /** Asks; exactly one of the findings is called later, unless `abandon` comes first. */
  find(findings: CacheFindings): void {
    const asked = this.#question.find(this.#waiting.signal).then(
      (found) => {
        if (this.#over) {
          if (found.kind === 'fetch') found.abandon();
          return;
        }
        this.#status = found.cacheStatus;
        if (found.kind === 'stored') findings.onStored(found);
        else if (found.kind === 'unsatisfiable') findings.onUnsatisfiable();
        else {
          this.#fetch = found;
          findings.onFetch();
        }
      },
      // Only by our own abort, after which nobody waits.
      () => {},
    );
    asked.catch((error: unknown) => findings.onBroke(error));
  }

  /** @returns what to answer in place of the upstream's head, when that has only confirmed it; else null */
  head(status: number, reason: string, headers: HeaderList): StoredAnswer | null {
    return this.#fetch?.head(status, reason, headers) ?? null;
  }

  data(chunk: Buffer): void {
    this.#fetch?.data(chunk);
  }

  end(): void {
    this.#fetch?.end();
  }

  /** What may stand in for an answer that failed; null: nothing. */
  stale(maxAgeMs: number): Promise<StoredAnswer | null> {
    return this.#question.stale(maxAgeMs);
  }

  /** Nothing comes that the cache could keep; who waits for it is let go. A second time it does nothing. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.abort();
    this.#fetch?.abandon();
    this.#fetch = null;
  }
}
