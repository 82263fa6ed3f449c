import type { HeaderList } from '../http/message.ts';
import { Refusal } from '../http/refusal.ts';
import type { HealthReport } from './health.ts';

/** An answer that the gateway gives by itself. */
export interface OwnAnswer {
  readonly status: number;
  /** Content-Length is that of the GET, also for HEAD (RFC 9110 §9.3.2). */
  readonly headers: HeaderList;
  /** Empty for HEAD. */
  readonly body: Buffer;
}

export interface OwnPagesOptions {
  readonly health: () => HealthReport;
  /** False while the gateway shuts down, or is not yet up. */
  readonly ready: () => boolean;
}

interface Page {
  readonly status: number;
  readonly content: unknown;
}

/**
 * The pages on the gateway's own port: /health, /health/live, /health/ready. They go before the routes, so that no
 * configuration can take the health of the gateway away from those who watch it.
 */
export class OwnPages {
  readonly #pages: ReadonlyMap<string, () => Page>;

  constructor({ health, ready }: OwnPagesOptions) {
    this.#pages = new Map<string, () => Page>([
      // Always 200: a load balancer must not drop a gateway because an upstream of it is down.
      ['/health', () => ({ status: 200, content: health() })],
      ['/health/live', () => ({ status: 200, content: { status: 'live' } })],
      ['/health/ready', () => readiness(ready())],
    ]);
  }

  /**
   * @param path the canonical path
   * @returns null when there is no such page, so that the routes decide
   */
  answer(method: string, path: string): OwnAnswer | Refusal | null {
    const page = this.#pages.get(path);
    if (page === undefined) return null;
    if (method !== 'GET' && method !== 'HEAD') {
      return new Refusal('METHOD_NOT_ALLOWED', `${path} is a page of the gateway; it can only be read.`, {
        headers: ['Allow', 'GET, HEAD'],
      });
    }
    const { status, content } = page();
    const body = Buffer.from(`${JSON.stringify(content)}\n`);
    const headers = [
      'Content-Type',
      'application/json; charset=utf-8',
      'Content-Length',
      String(body.length),
      // A stored health page would be worse than none.
      'Cache-Control',
      'no-store',
    ];
    return { status, headers, body: method === 'HEAD' ? Buffer.alloc(0) : body };
  }
}

function readiness(ready: boolean): Page {
  return ready
    ? { status: 200, content: { status: 'ready', ready: true } }
    : { status: 503, content: { status: 'not ready', ready: false } };
}
