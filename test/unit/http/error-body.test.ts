import { describe, expect, it } from 'vitest';
import { renderError, serializeAnswer } from '../../../src/http/error-body.ts';
import { firstValue } from '../../../src/http/field-names.ts';
import { Refusal } from '../../../src/http/refusal.ts';
import { parseResponse } from '../../helpers/raw-message.ts';

const refusal = new Refusal('CIRCUIT_BREAKER_OPEN', 'Service is temporarily unavailable', {
  details: { service: 'auth', retry_after_ms: 1500 },
  headers: ['Retry-After', '2'],
});

function typeFor(accept: string | undefined): string | undefined {
  return firstValue(renderError(refusal, { requestId: 'r-1', accept }).headers, 'content-type');
}

describe('renderError', () => {
  it('makes the JSON error object with code, message, request id and details', () => {
    const answer = renderError(refusal, { requestId: 'r-1' });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body.toString())).toEqual({
      error: {
        code: 'CIRCUIT_BREAKER_OPEN',
        message: 'Service is temporarily unavailable',
        request_id: 'r-1',
        service: 'auth',
        retry_after_ms: 1500,
      },
    });
  });

  it('carries the refusal’s own fields, its length and its request id', () => {
    const { headers, body } = renderError(refusal, { requestId: 'r-1' });
    expect(firstValue(headers, 'retry-after')).toBe('2');
    expect(firstValue(headers, 'content-length')).toBe(String(body.length));
    expect(firstValue(headers, 'x-request-id')).toBe('r-1');
    expect(firstValue(headers, 'cache-control')).toBe('no-store');
  });

  it('says the same facts as RFC 9457 when problem+json is asked for', () => {
    const answer = renderError(refusal, { requestId: 'r-1', accept: 'application/problem+json' });
    expect(JSON.parse(answer.body.toString())).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'Service is temporarily unavailable',
      code: 'CIRCUIT_BREAKER_OPEN',
      request_id: 'r-1',
      service: 'auth',
      retry_after_ms: 1500,
    });
  });

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html', 'application/json'],
    ['application/problem+json', 'application/problem+json'],
    ['APPLICATION/Problem+JSON', 'application/problem+json'],
    ['application/json, application/problem+json', 'application/problem+json'],
    ['application/json, application/problem+json;q=0.5', 'application/json'],
    ['application/json;q=0.2, application/problem+json; q=0.5', 'application/problem+json'],
    ['application/problem+json;q=0', 'application/json'],
    ['application/problem+json;q=9', 'application/json'],
    ['application/problem+json;q=abc', 'application/json'],
  ])('answers Accept %s with %s', (accept, type) => {
    expect(typeFor(accept)).toBe(type);
  });

  it('lets no detail take the place of a fact that every error has', () => {
    const sly = new Refusal('BAD_REQUEST', 'real', { details: { code: 'X', status: 200, request_id: 'x' } });
    const plain = JSON.parse(renderError(sly, { requestId: 'r-1' }).body.toString());
    expect(plain.error).toMatchObject({ code: 'BAD_REQUEST', message: 'real', request_id: 'r-1' });
    const accept = 'application/problem+json';
    const problem = JSON.parse(renderError(sly, { requestId: 'r-1', accept }).body.toString());
    expect(problem).toMatchObject({ code: 'BAD_REQUEST', status: 400, request_id: 'r-1' });
  });
});

describe('serializeAnswer', () => {
  it('writes a whole response that ends its connection', () => {
    const bytes = serializeAnswer(renderError(refusal, { requestId: 'r-1' }));
    const parsed = parseResponse(bytes, false, null);
    expect(parsed?.length).toBe(bytes.length);
    expect(parsed?.value.startLine).toBe('HTTP/1.1 503 Service Unavailable');
    expect(parsed?.value.header('connection')).toBe('close');
    expect(Date.parse(parsed?.value.header('date') ?? '')).not.toBeNaN();
  });
});
