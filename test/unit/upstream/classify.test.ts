import { describe, expect, it } from 'vitest';
import type { UpstreamErrorKind } from '../../../src/http/message.ts';
import { classifyError, classifyStatus } from '../../../src/upstream/classify.ts';

describe('what an answer says of the health of an upstream', () => {
  it.each([500, 502, 503, 504, 507, 599])('%i is a failure', (status) => {
    expect(classifyStatus(status)).toBe('failure');
  });

  it.each([200, 204, 301, 304, 400, 401, 404, 408, 429, 499])('%i is a success', (status) => {
    expect(classifyStatus(status)).toBe('success');
  });

  it.each([501, 505])('%i tells of the request, so it is a success', (status) => {
    expect(classifyStatus(status)).toBe('success');
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
    ['request_body', 'excluded'],
  ])('%s: %s', (kind, verdict) => {
    expect(classifyError(kind)).toBe(verdict);
  });
});
