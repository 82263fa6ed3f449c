import { describe, expect, it } from 'vitest';
import type { BreakerConfig } from '../../../src/config/gateway-config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { UpstreamErrorKind } from '../../../src/http/message.ts';
import { errorClassifier, grpcStatusClassifier, statusClassifier } from '../../../src/upstream/classify.ts';

function breakerConfig(breaker = '{}'): BreakerConfig {
  const text = `upstreams: { api: { targets: [http://a:1], circuit_breaker: ${breaker} } }\nroutes: [{ path: /, upstream: api }]\n`;
  return parseConfig(text, { file: 'test.yaml', env: {} }).upstreams.get('api')!.circuitBreaker;
}

function statusesThatAre(outcome: string, breaker: BreakerConfig): number[] {
  const classify = statusClassifier(breaker);
  return Array.from({ length: 900 }, (_, index) => index + 100).filter(
    (status) => classify(status) === outcome,
  );
}

const failuresOf = (breaker: string) => statusesThatAre('failure', breakerConfig(breaker));

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

  it('that is excluded is no failure, whatever else is said of it', () => {
    const breaker = { ...breakerConfig(), excludedStatuses: [{ from: 502, to: 503 }] };
    expect(statusesThatAre('excluded', breaker)).toEqual([502, 503]);
    expect(statusesThatAre('failure', breaker)).not.toContain(502);
    expect(statusesThatAre('success', breaker)).toContain(501);
  });
});

describe('what an error says of the health of an upstream', () => {
  const KINDS: readonly UpstreamErrorKind[] = [
    'connect',
    'reset',
    'protocol',
    'connect_timeout',
    'headers_timeout',
    'body_timeout',
    'exhausted',
    'request_body',
  ];

  it.each([
    [[], []],
    [['connect'], ['connect: failure']],
    [['timeout'], ['connect_timeout: timeout', 'headers_timeout: timeout', 'body_timeout: timeout']],
    [['reset'], ['reset: failure']],
    [['protocol'], ['protocol: failure']],
  ] as [BreakerConfig['failureErrors'], string[]][])(
    'with failure_errors %j only that: %j',
    (failureErrors, expected) => {
      const classify = errorClassifier({ failureErrors });
      const counted = KINDS.map((kind) => `${kind}: ${classify(kind)}`).filter(
        (line) => !line.endsWith('excluded'),
      );
      expect(counted).toEqual(expected);
    },
  );

  it('is nothing at all when the client or the gateway itself is at fault', () => {
    const classify = errorClassifier({ failureErrors: ['connect', 'timeout', 'reset', 'protocol'] });
    expect(KINDS.filter((kind) => classify(kind) === 'excluded')).toEqual(['exhausted', 'request_body']);
  });
});

describe('a grpc-status', () => {
  const classify = grpcStatusClassifier({ failureGrpcStatuses: [2, 14] });

  it('is a failure where the configuration says so', () => {
    const failures = Array.from({ length: 17 }, (_, code) => code).filter(
      (code) => classify(code) === 'failure',
    );
    expect(failures).toEqual([2, 14]);
  });

  it('that is not defined is judged like UNKNOWN', () => {
    for (const code of [-1, 17, 1.5, Number.NaN]) expect(classify(code)).toBe('failure');
    expect(grpcStatusClassifier({ failureGrpcStatuses: [14] })(99)).toBe('success');
  });
});
