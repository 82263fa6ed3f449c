import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/http/refusal.ts';
import { healthReport } from '../../../src/proxy/health.ts';
import { type OwnAnswer, OwnPages } from '../../../src/proxy/own-pages.ts';

const PATHS = ['/health', '/health/live', '/health/ready'];

function pages(ready = true): OwnPages {
  return new OwnPages({ health: () => healthReport([], { now: 0 }), ready: () => ready });
}

function answered(own: OwnPages, method: string, path: string): OwnAnswer {
  const answer = own.answer(method, path);
  if (answer === null || answer instanceof Refusal) throw new Error(`no answer to ${method} ${path}`);
  return answer;
}

function field(answer: OwnAnswer, name: string): string | undefined {
  return answer.headers[answer.headers.indexOf(name) + 1];
}

describe("the gateway's own pages", () => {
  it.each(PATHS)('answer GET %s with JSON that nobody stores', (path) => {
    const answer = answered(pages(), 'GET', path);
    expect(answer.status).toBe(200);
    expect(field(answer, 'Content-Type')).toBe('application/json; charset=utf-8');
    expect(field(answer, 'Cache-Control')).toBe('no-store');
    expect(field(answer, 'Content-Length')).toBe(String(answer.body.length));
    expect(JSON.parse(answer.body.toString())).toHaveProperty('status');
  });

  it.each(PATHS)('duty 27: answer HEAD %s like GET, without the body', (path) => {
    const head = answered(pages(), 'HEAD', path);
    const get = answered(pages(), 'GET', path);
    expect(head.body.length).toBe(0);
    expect(field(head, 'Content-Length')).toBe(field(get, 'Content-Length'));
  });

  it.each(['POST', 'DELETE', 'OPTIONS', 'get'])('refuse %s', (method) => {
    const answer = pages().answer(method, '/health');
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer).toMatchObject({ code: 'METHOD_NOT_ALLOWED', headers: ['Allow', 'GET, HEAD'] });
  });

  it.each(['/', '/health/', '/healthz', '/health/other', '/Health', '/constructor'])(
    'leave %s to the routes',
    (path) => {
      expect(pages().answer('GET', path)).toBeNull();
    },
  );

  it('say while the gateway shuts down that it is alive and well, but not ready', () => {
    const stopping = pages(false);
    expect(answered(stopping, 'GET', '/health/ready').status).toBe(503);
    expect(JSON.parse(answered(stopping, 'GET', '/health/ready').body.toString())).toMatchObject({
      ready: false,
    });
    expect(answered(stopping, 'GET', '/health/live').status).toBe(200);
    expect(answered(stopping, 'GET', '/health').status).toBe(200);
  });
});
