import type { AccessLogConfig } from '../../../../src/config/gateway-config.ts';
import { firstValue } from '../../../../src/http/field-names.ts';
import type { InboundRequest } from '../../../../src/http/message.ts';
import { AccessLog, type AccessLogOptions } from '../../../../src/observe/access-log/access-log.ts';
import { TrustedPeers } from '../../../../src/proxy/trusted-peers.ts';
import { exchangeRecord } from '../../../helpers/exchange-record.ts';

export type Line = Record<string, unknown>;

/** What `access: true` means. */
export const USUAL: AccessLogConfig = {
  sample: 100,
  slowMs: 1000,
  file: null,
  query: 'names',
  redact: [],
  requestHeaders: [],
  clientAddress: 'full',
};

/** An access log whose lines are kept. */
export function keptLog(
  config: Partial<AccessLogConfig> = {},
  { proxies = [], ...options }: Partial<AccessLogOptions> & { proxies?: string[] } = {},
) {
  const batches: string[] = [];
  const log = new AccessLog({
    config: { ...USUAL, ...config },
    trusted: new TrustedPeers(proxies),
    write: (lines) => batches.push(lines),
    ...options,
  });
  const texts = (): string[] => {
    log.flush();
    return batches.join('').split('\n').slice(0, -1);
  };
  return { log, batches, texts, lines: () => texts().map((text) => JSON.parse(text) as Line) };
}

/** The record's request with these differences. */
export function request(differences: Partial<InboundRequest> = {}): InboundRequest {
  const all = { ...exchangeRecord().request, ...differences };
  return { ...all, header: (name) => firstValue(all.headers, name) };
}

/** The line of a request that was plain but for this. */
export function lineOf(
  differences: Partial<InboundRequest>,
  config: Partial<AccessLogConfig> = {},
  proxies: string[] = [],
): Line {
  const { log, lines } = keptLog(config, { proxies });
  const asked = request(differences);
  log.finished(exchangeRecord({ request: asked, method: asked.method }));
  const [line = {}] = lines();
  return line;
}
