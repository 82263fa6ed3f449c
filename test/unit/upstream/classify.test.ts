import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { UpstreamErrorKind } from '../../../src/http/message.ts';
import { classifyError, statusClassifier } from '../../../src/upstream/classify.ts';

const failuresOf = (breaker: string) => {
  const text = `upstreams: { api: { targets: [http://a:1], circuit_breaker: ${breaker} } }\nroutes: [{ path: /, upstream: api }]\n`;
  const { upstreams } = parseConfig(text, { file: 'test.yaml', env: {} });
  const classify = statusClassifier(upstreams.get('api')!.circuitBreaker.failureStatuses);
  return Array.from({ length: 900 }, (_, index) => index + 100).filter(
    (status) => classify(status) === 'failure',
  );
};

describe('a status', () => {
  it('is a failure from 500 on, but 501 and 505', () => {
    const expected = Array.from({ length: 500 }, (_, index) => index + 500).filter(
      (status) => status !== 501 && status !== 505,
    );
    expect(failuresOf('{}')).toEqual(expected);
  });

  it('is a failure where the configuration says so', () => {
    expect(failuresOf('{ failure_statuses: [429, 502-504] }')).toEqual([429, 502, 503, 504]);
    expect(failuresOf('{ failure_statuses: [] }')).toEqual([]);
  });

  it('above 599 is judged like 500', () => {
    expect(failuresOf('{ failure_statuses: [500] }')).toHaveLength(401);
  });
});

describe('what an error says of the health of an upstream', () => {
  it.each<[UpstreamErrorKind, string]>([
    ['connect', 'failure'],
    ['reset', 'failure'],
    ['protocol', 'failure'],
    ['connect_timeout', 'timeout'],
    ['headers_timeout', 'timeout'],
    ['body_timeout', 'timeout'],
    ['exhausted', 'excluded'],
    ['request_body', 'excluded'],
  ])('%s: %s', (kind, verdict) => {
    expect(classifyError(kind)).toBe(verdict);
  });
});
