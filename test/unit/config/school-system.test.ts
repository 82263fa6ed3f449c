import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';

const GATEWAY = new URL('../../../gateway.yaml', import.meta.url).pathname;

describe('gateway.yaml', () => {
  it('puts the school system behind breakers of 5 failures and 60 s', () => {
    const config = loadConfig(GATEWAY, {});
    expect(config.server.listen).toEqual({ host: '0.0.0.0', port: 8080 });
    expect(config.admin).toEqual({ listen: { host: '127.0.0.1', port: 9901 }, token: null });
    expect(config.routes.map(({ path, upstream }) => [path, upstream])).toEqual([
      ['/auth/*', 'auth'],
      ['/schools/*', 'school'],
      ['/students/*', 'student'],
    ]);
    expect(
      [...config.upstreams.values()].map(({ name, targets, circuitBreaker }) => [
        name,
        targets.map(({ url }) => url),
        circuitBreaker.name,
        circuitBreaker.failureThreshold,
        circuitBreaker.openTimeoutMs,
      ]),
    ).toEqual([
      ['auth', ['http://127.0.0.1:8081'], 'auth-service-http', 5, 60_000],
      ['school', ['http://127.0.0.1:8082'], 'school-service-http', 5, 60_000],
      ['student', ['http://127.0.0.1:8083'], 'student-service-http', 5, 60_000],
    ]);
  });

  it('can be set from the environment', () => {
    const config = loadConfig(GATEWAY, {
      BREAKWATER_LISTEN: ':0',
      BREAKWATER_ADMIN_LISTEN: '0.0.0.0:9902',
      BREAKWATER_ADMIN_TOKEN: '424242',
      AUTH_SERVICE_URL: 'http://auth-service:8081',
      SCHOOL_SERVICE_URL: 'http://school-service:8082',
      STUDENT_SERVICE_URL: 'http://student-service:8083',
      BREAKER_FAILURE_THRESHOLD: '3',
      BREAKER_SUCCESS_THRESHOLD: '2',
      BREAKER_HALF_OPEN_REQUESTS: '4',
      BREAKER_REQUEST_TIMEOUT: '7s',
      BREAKER_OPEN_TIMEOUT: '2s',
      BREAKER_MODE: 'observe',
      LOG_LEVEL: 'debug',
    });
    expect(config.server.listen.port).toBe(0);
    expect(config.admin).toEqual({ listen: { host: '0.0.0.0', port: 9902 }, token: '424242' });
    expect(config.log.level).toBe('debug');
    expect([...config.upstreams.values()].map(({ targets }) => targets[0]?.url)).toEqual([
      'http://auth-service:8081',
      'http://school-service:8082',
      'http://student-service:8083',
    ]);
    for (const { circuitBreaker } of config.upstreams.values()) {
      expect(circuitBreaker).toMatchObject({
        failureThreshold: 3,
        successThreshold: 2,
        halfOpenRequests: 4,
        halfOpenTimeoutMs: 7000,
        requestTimeoutMs: 7000,
        openTimeoutMs: 2000,
        mode: 'observe',
      });
    }
  });
});
