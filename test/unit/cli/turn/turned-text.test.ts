import { describe, expect, it } from 'vitest';
import { findBreaker } from '../../../../src/cli/turn/find-breaker.ts';
import { type Turned, turnedText } from '../../../../src/cli/turn/turned-text.ts';
import { aBreaker, anOverview, anUpstream, openBreaker } from '../an-overview.ts';

const overview = anOverview(
  [
    anUpstream('auth', openBreaker()),
    anUpstream('school', aBreaker({ name: 'student' })),
    anUpstream('student', aBreaker({ name: 'student-http' })),
  ],
  { cacheBreaker: aBreaker({ name: 'redis' }) },
);

describe('a name on the command line', () => {
  it.each([
    ['auth-service-http', 'auth-service-http', 'auth'],
    ['auth', 'auth-service-http', 'auth'],
    ['redis', 'redis', null],
    // The breaker of that name goes before that of the upstream.
    ['student', 'student', 'school'],
  ])('%s is the breaker %s of %s', (name, breaker, upstream) => {
    const found = findBreaker(name, overview);
    expect([found.breaker.name, found.upstream]).toEqual([breaker, upstream]);
  });

  it.each([
    ['auht', 'did you mean "auth"?'],
    ['auth-servise-http', 'did you mean "auth-service-http"?'],
    ['billing', 'known here: auth, auth-service-http, school, student, student-http, redis'],
  ])('%s is none: %s', (name, text) => {
    expect(() => findBreaker(name, overview)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(text) }),
    );
  });
});

describe('what an action did', () => {
  const auth = { breaker: openBreaker(), upstream: 'auth', where: '' } as const;

  it.each<[string, Turned]>([
    [
      'auth-service-http is closed (was open) and its counts are forgotten: requests go to auth, and it is judged from nothing. A reset cannot be undone; to refuse them again: breakwater open auth-service-http',
      { ...auth, action: 'reset', state: 'CLOSED' },
    ],
    [
      'auth-service-http is forced open (was closed): requests for auth are refused, or answered by their fallback, until it is released. Undo: breakwater release auth-service-http',
      { ...auth, breaker: aBreaker(), action: 'open', state: 'OPEN' },
    ],
    [
      'auth-service-http is forced closed (was forced open): requests go to auth and no failure opens it, until it is released. Undo: breakwater release auth-service-http --admin http://gw:1',
      {
        ...auth,
        breaker: openBreaker({ forced: 'open' }),
        action: 'close',
        state: 'CLOSED',
        where: ' --admin http://gw:1',
      },
    ],
    [
      'auth-service-http is no longer forced open and is half-open: the next request for auth is its probe. Undo: breakwater open auth-service-http',
      { ...auth, breaker: openBreaker({ forced: 'open' }), action: 'release', state: 'HALF_OPEN' },
    ],
    [
      'auth-service-http is no longer forced closed and is closed: requests go to auth, and it is judged from nothing. Undo: breakwater close auth-service-http',
      { ...auth, breaker: aBreaker({ forced: 'closed' }), action: 'release', state: 'CLOSED' },
    ],
    [
      'auth-service-http was not forced; it is open as before.',
      { ...auth, action: 'release', state: 'OPEN' },
    ],
    [
      "it's here is forced open (was closed): requests for the cache are refused, or answered by their fallback, until it is released. Undo: breakwater release 'it'\\''s here'",
      { ...auth, breaker: aBreaker({ name: "it's here" }), upstream: null, action: 'open', state: 'OPEN' },
    ],
  ])('%s', (text, turned) => {
    expect(turnedText(turned)).toBe(text);
  });
});
