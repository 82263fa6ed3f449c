import { type Dispatcher, Pool } from 'undici';
import type { TargetConfig, UpstreamConfig } from '../../config/gateway-config.ts';
import type { Attempt, AttemptSink, OutboundLane, OutboundRequest } from '../message.ts';
import { UndiciAttempt } from './undici-attempt.ts';
import { bareHost, type UpstreamConnector, upstreamConnector } from './upstream-connector.ts';

/** Response head: more is refused as a protocol error. */
const MAX_HEAD_BYTES = 64 * 1024;

export type UndiciLaneOptions = Pick<
  UpstreamConfig,
  'connectTimeoutMs' | 'idleBodyTimeoutMs' | 'maxConnections' | 'keepAliveMs' | 'allowH2'
>;

/** Attempts at one target through an undici Pool. */
export class UndiciLane implements OutboundLane {
  readonly #pool: Pool;
  readonly #connector: UpstreamConnector;
  readonly #target: TargetConfig;

  constructor(target: TargetConfig, options: UndiciLaneOptions) {
    this.#target = target;
    this.#connector = upstreamConnector(target, options.connectTimeoutMs, options.allowH2);
    this.#pool = new Pool(target.url, {
      connections: options.maxConnections,
      connect: this.#connector.connect,
      allowH2: options.allowH2 && target.protocol === 'https:',
      pipelining: 1,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveMaxTimeout: options.keepAliveMs,
      maxHeaderSize: MAX_HEAD_BYTES,
      // The wait for the head is timed by the exchange, which knows when the client is the slow one.
      headersTimeout: 0,
      bodyTimeout: options.idleBodyTimeoutMs,
      strictContentLength: true,
    });
  }

  start(request: OutboundRequest, sink: AttemptSink): Attempt {
    const attempt = new UndiciAttempt(sink, request.method, this.#connector);
    const headers = [...request.headers];
    const { body } = request;
    if (body?.length !== null && body !== null) headers.push('Content-Length', String(body.length));
    attempt.dispatch(
      this.#pool,
      {
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        // Never by Host: with `preserve_host` that is the client's word, and not who the certificate is for.
        servername: bareHost(this.#target.hostname),
      } as Dispatcher.DispatchOptions,
      body,
    );
    return attempt;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  destroy(): void {
    void this.#pool.destroy();
  }
}
