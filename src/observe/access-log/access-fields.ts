import type { AccessLogConfig } from '../../config/gateway-config.ts';
import { MASK } from '../../config/mask-url.ts';
import { valuesOf } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import type { Refusal } from '../../http/refusal.ts';
import { readTraceContext } from '../../http/trace-context.ts';
import type { ExchangeRecord } from '../../proxy/exchange-record.ts';
import type { TrustedPeers } from '../../proxy/trusted-peers.ts';
import { clippedText } from '../visible-text.ts';
import { ClientWords } from './client-words.ts';
import { loggedTarget } from './logged-target.ts';
import { SecretNames } from './secret-names.ts';

/** Characters of what a client has chosen. */
const MOST = { method: 64, host: 256, path: 2_048, header: 256, cache: 256 } as const;

/** Fields whose values are URLs, or targets as a proxy before us got them: with the query of another request. */
const HOLD_TARGETS: ReadonlySet<string> = new Set([
  'referer',
  'x-forwarded-uri',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
]);

/** Of a configured header field: its name, in lower case, and how its value is to be written. */
interface HeaderField {
  readonly name: string;
  readonly as: 'text' | 'target' | 'secret';
}

/** What the access log writes of an exchange: docs/observability.md has the list. A field that says nothing is undefined. */
export class AccessFields {
  readonly #query: AccessLogConfig['query'];
  readonly #secrets: SecretNames;
  readonly #client: ClientWords;
  readonly #headers: readonly HeaderField[];

  constructor(config: AccessLogConfig, trusted: Pick<TrustedPeers, 'trusts'>) {
    this.#query = config.query;
    this.#secrets = new SecretNames(config.redact);
    this.#client = new ClientWords(config.clientAddress, trusted);
    this.#headers = config.requestHeaders.map((name) => ({
      name,
      as: this.#secrets.has(name) ? 'secret' : HOLD_TARGETS.has(name) ? 'target' : 'text',
    }));
  }

  of(record: ExchangeRecord): object {
    const { request } = record;
    const { client, peer } = this.#client.of(request.remoteAddress, request.headers);
    return {
      request_id: record.requestId,
      trace_id: record.traceId ?? readTraceContext(request.headers)?.traceId,
      client,
      peer,
      method: clippedText(record.method, MOST.method),
      host: clippedText(request.authority, MOST.host),
      path: clippedText(this.#target(request.target), MOST.path),
      http_version: request.httpVersion,
      status: record.status,
      outcome: record.outcome,
      error: record.errorCode ?? undefined,
      failure: record.failure ?? undefined,
      breaker_state: record.breaker?.state,
      attempts: record.attempts,
      fallback: record.fallback ?? undefined,
      cache: record.cacheStatus === null ? undefined : clippedText(record.cacheStatus, MOST.cache),
      route: record.route ?? undefined,
      upstream: record.upstream ?? undefined,
      target: record.target ?? undefined,
      upstream_ms: record.upstreamMs === null ? undefined : hundredths(record.upstreamMs),
      total_ms: hundredths(record.durationMs),
      bytes_in: record.bytesIn,
      bytes_out: record.bytesOut,
      headers: this.#headers.length === 0 ? undefined : this.#headersOf(request.headers),
    };
  }

  /** Of what never became an exchange: nothing of its head can be relied on. */
  ofRefusal({ status, code }: Refusal, remoteAddress: string): object {
    const { client } = this.#client.of(remoteAddress, []);
    return { client, status, outcome: 'refused', error: code };
  }

  #target(text: string): string {
    return loggedTarget(text, this.#query, this.#secrets);
  }

  #headersOf(headers: HeaderList): Record<string, string> | undefined {
    const fields: Record<string, string> = {};
    let found = false;
    for (const { name, as } of this.#headers) {
      const values = valuesOf(headers, name);
      if (values.length === 0) continue;
      const text = as === 'secret' ? MASK : values.join(', ');
      fields[name] = clippedText(as === 'target' ? this.#target(text) : text, MOST.header);
      found = true;
    }
    return found ? fields : undefined;
  }
}

function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
