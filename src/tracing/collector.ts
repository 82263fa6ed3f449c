import { Pool } from 'undici';
import type { TracingConfig } from '../config/gateway-config.ts';

/** What became of one request. */
export type Delivery =
  /** @property rejected spans that the collector did not want, for reasons of its own */
  | { readonly arrived: true; readonly rejected: number }
  | {
      readonly arrived: false;
      /** For people; nothing of the request is in it. */
      readonly reason: string;
      /** Whether trying again may help. */
      readonly again: boolean;
      /** Milliseconds that the collector wants us to wait before; null: it does not say. */
      readonly afterMs: number | null;
    };

/** Of an answer, which is a few bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** OTLP/HTTP, "Retryable Response Codes". */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Posts spans. Its connections are its own: a collector that hangs holds nothing else up. */
export class Collector {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({
    endpoint,
    headers,
    export: { timeoutMs },
  }: Pick<TracingConfig, 'endpoint' | 'headers' | 'export'>) {
    const url = new URL(endpoint);
    this.#path = url.pathname + url.search;
    this.#headers = { ...withoutContentType(headers), 'content-type': 'application/json' };
    this.#pool = new Pool(url.origin, {
      connections: 2,
      pipelining: 1,
      connect: { timeout: timeoutMs },
      // The signal of each request bounds it as a whole.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** @param withinMs for the whole request; never rejected */
  async send(body: string, withinMs: number): Promise<Delivery> {
    // Not AbortSignal.timeout, whose timer goes on when the answer is there.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), Math.max(1, Math.ceil(withinMs)));
    timer.unref();
    try {
      const {
        statusCode,
        headers,
        body: answer,
      } = await this.#pool.request({
        method: 'POST',
        path: this.#path,
        headers: this.#headers,
        body,
        signal: late.signal,
      });
      const text = await readBounded(answer);
      if (statusCode >= 200 && statusCode <= 299) return { arrived: true, rejected: rejectedIn(text) };
      return {
        arrived: false,
        reason: `the collector answered ${statusCode}`,
        again: RETRYABLE.has(statusCode),
        afterMs: waitOf(headers['retry-after']),
      };
    } catch (error) {
      return { arrived: false, reason: reasonOf(error, late.signal), again: true, afterMs: null };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends its connections and what is under way on them. */
  destroy(): void {
    this.#pool.destroy().catch(() => {});
  }
}

function withoutContentType(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type'),
  );
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the rest, and its connection.
    if (size > MAX_ANSWER_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** OTLP/HTTP, "Partial Success"; what is no JSON says nothing. */
function rejectedIn(text: string): number {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: unknown } };
    const rejected = Number(answer?.partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** Retry-After in seconds; a date is not understood (RFC 9110 §10.2.3 has both). */
function waitOf(retryAfter: string | string[] | undefined): number | null {
  return typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the collector did not answer in time';
  const { code, message } = error as NodeJS.ErrnoException;
  return `the collector cannot be reached: ${code ?? message}`;
}
