import { type Logger, pino } from 'pino';
import type { AccessLogConfig } from '../../config/gateway-config.ts';
import type { Refusal } from '../../http/refusal.ts';
import type { ExchangeObserver, ExchangeRecord } from '../../proxy/exchange-record.ts';
import type { TrustedPeers } from '../../proxy/trusted-peers.ts';
import type { Timer } from '../../resilience/index.ts';
import { AccessFields } from './access-fields.ts';
import { isRemarkable } from './is-remarkable.ts';
import { LineBatch } from './line-batch.ts';
import { lineTime } from './line-time.ts';

const MESSAGE = 'request';

export interface AccessLogOptions {
  readonly config: AccessLogConfig;
  readonly trusted: Pick<TrustedPeers, 'trusts'>;
  /** Takes several lines of JSON, each with its end; it must not throw and must not wait. */
  readonly write: (lines: string) => void;
  /** The index of the thread that takes the requests. @default there is only one */
  readonly worker?: number;
  /** @default Math.random */
  readonly random?: () => number;
  /** @default one that keeps no process alive */
  readonly timer?: Timer;
}

/** Writes one line for each request that its thread takes, as JSON, whole lines at a time. */
export class AccessLog implements ExchangeObserver {
  readonly #config: AccessLogConfig;
  readonly #fields: AccessFields;
  readonly #batch: LineBatch;
  readonly #logger: Logger;
  readonly #random: () => number;

  constructor({ config, trusted, write, worker, random = Math.random, timer }: AccessLogOptions) {
    this.#config = config;
    this.#fields = new AccessFields(config, trusted);
    this.#random = random;
    this.#batch = new LineBatch(write, timer);
    this.#logger = pino(
      {
        // What the gateway says of itself may be silenced; that says nothing of its requests.
        level: 'info',
        base: worker === undefined ? null : { worker },
        timestamp: lineTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      this.#batch,
    );
  }

  finished(record: ExchangeRecord): void {
    const { sample, slowMs } = this.#config;
    if (sample < 100 && !isRemarkable(record, slowMs) && this.#random() * 100 >= sample) return;
    const fields = this.#fields.of(record);
    if (record.outcome === 'upstream_failed' || record.outcome === 'rejected')
      this.#logger.warn(fields, MESSAGE);
    else this.#logger.info(fields, MESSAGE);
  }

  /** What was refused while its head was read. */
  readonly headRefused = (refusal: Refusal, remoteAddress: string): void => {
    this.#logger.info(this.#fields.ofRefusal(refusal, remoteAddress), MESSAGE);
  };

  /** Passes on what waits to be written. */
  flush(): void {
    this.#batch.flush();
  }
}
