import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Overview, UpstreamOverview } from '../../../../src/admin/live/live-types.ts';
import { renderStatus } from '../../../../src/cli/status/render-status.ts';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';
import { textWidth } from '../../../../src/cli/terminal/text-width.ts';
import { aBreaker, anOverview, anUpstream, aTarget, openBreaker } from '../an-overview.ts';
import { FakeScreen } from '../fake-io.ts';

const plain = paletteFor(new FakeScreen(), {});
const coloured = paletteFor(new FakeScreen(), { FORCE_COLOR: '1' });

function text(overview: Overview, width = Number.POSITIVE_INFINITY): string {
  return renderStatus(overview, { width, palette: plain }).join('\n');
}

const school = aBreaker({ name: 'school', gauges: [] });

describe('the status in the terminal', () => {
  it('of a healthy gateway', () => {
    expect(text(anOverview([anUpstream('auth'), anUpstream('school', school)]))).toBe(
      `All 2 services are healthy.
breakwater 0.1.0 on 0.0.0.0:8080 · up 2 h 5 min

UPSTREAM  BREAKER            STATE     COUNTS           TARGETS  REQUESTS  FAILED
auth      auth-service-http  ✓ closed  2 of 5 failures  1/1 up      12.3k     20%
school    school             ✓ closed  –                1/1 up      12.3k     20%`,
    );
  });

  it('of one with an open breaker says why, since when, and when it is tried again', () => {
    const failures = [{ detail: 'connect ECONNREFUSED 127.0.0.1:8081' } as never];
    const auth = anUpstream('auth', openBreaker(), { targets: [aTarget('unhealthy')], failures });
    expect(text(anOverview([auth, anUpstream('school', school)]))).toBe(
      `auth is open: max failures reached, next probe in 48 s. 1 of 2 services is healthy.
breakwater 0.1.0 on 0.0.0.0:8080 · up 2 h 5 min

UPSTREAM  BREAKER            STATE     COUNTS           NEXT PROBE  TARGETS  REQUESTS  FAILED
auth      auth-service-http  ✗ open    2 of 5 failures  in 48 s     0/1 up      12.3k     20%
  └ opened 12 s ago: max failures reached (5 failures of 8 calls); last failure: connect ECONNREFUSED 127.0.0.1:8081
school    school             ✓ closed  –                –           1/1 up      12.3k     20%`,
    );
  });

  it.each([
    ['auth is half-open: the next request is its probe.', aBreaker({ state: 'HALF_OPEN' }), '◐ half-open'],
    [
      'auth is half-open: a probe is under way.',
      aBreaker({ state: 'HALF_OPEN', halfOpenInFlight: 1 }),
      'under way',
    ],
    [
      'auth is open: max failures reached, the next request is its probe.',
      openBreaker({ retryAfterMs: 0 }),
      'next request',
    ],
    ['auth is open: forced open until it is released.', openBreaker({ forced: 'open' }), '✗ open (forced)'],
    ['auth is healthy. auth is forced closed.', aBreaker({ forced: 'closed' }), '✓ closed (forced)'],
    [
      'auth is healthy. auth would be open, but its breaker only observes.',
      aBreaker({ mode: 'observe', wouldBe: 'OPEN' }),
      '✓ closed (would be open)',
    ],
    ['auth is healthy.', aBreaker({ mode: 'observe', wouldBe: 'CLOSED' }), '✓ closed (observing)'],
    ['auth is healthy.', aBreaker({ mode: 'disabled' }), '✓ closed (disabled)'],
  ])('begins with "%s"', (sentence, breaker, word) => {
    const shown = text(anOverview([anUpstream('auth', breaker)]));
    expect(shown.split('\n')[0]).toBe(sentence);
    expect(shown).toContain(word);
  });

  it('does not say of one that was released that it is forced open', () => {
    const reason = { ...openBreaker().reason!, rule: 'forced_open', message: 'forced open' } as const;
    const shown = text(anOverview([anUpstream('auth', aBreaker({ state: 'HALF_OPEN', reason }))]));
    expect(shown.split('\n').at(-1)).toBe('  └ was forced open');
  });

  it('is green only where nothing is wrong', () => {
    const moodOf = (upstream: UpstreamOverview): string =>
      renderStatus(anOverview([upstream]), { width: 200, palette: coloured })[0]!.slice(0, 12);
    const [good, wary] = [coloured.good, coloured.wary].map(
      (paint) => coloured.strong(paint('x')).split('x')[0]!,
    );
    expect(moodOf(anUpstream('auth'))).toContain(good);
    expect(moodOf(anUpstream('auth', aBreaker(), { targets: [aTarget('unhealthy')] }))).toContain(wary);
    expect(moodOf(anUpstream('auth', aBreaker({ forced: 'closed' })))).toContain(wary);
  });

  it('names several that are not healthy, and how many are', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => anUpstream(name, openBreaker({ name })));
    const probing = anUpstream('f', aBreaker({ name: 'f', state: 'HALF_OPEN' }));
    const [sentence] = text(anOverview([...names, probing, anUpstream('g', school)])).split('\n');
    expect(sentence).toBe('a, b, c and 2 more are open; f is half-open. 1 of 7 services is healthy.');
  });

  it('does not call it healthy when a target is down, and tells of the breaker of the cache', () => {
    const targets = [aTarget(), aTarget('ejected')];
    const cacheBreaker = openBreaker({ name: 'redis' });
    const shown = text(anOverview([anUpstream('auth', undefined, { targets })], { cacheBreaker }));
    expect(shown.split('\n')[0]).toBe(
      "No breaker is open. The cache's breaker redis is open. 1 of 2 targets of auth is down.",
    );
    expect(shown).toContain('1/2 up');
    expect(shown).toMatch(/\(cache\) +redis +✗ open/);
  });

  it('says each rule, and ? where there are too few calls for it', () => {
    const gauges = [
      { rule: 'failures', value: 1, threshold: 5, unit: 'calls' },
      { rule: 'consecutive_failures', value: 0, threshold: 1, unit: 'calls' },
      { rule: 'failure_rate', value: 12.34, threshold: 50, unit: 'percent' },
      { rule: 'slow_call_rate', value: null, threshold: 80, unit: 'percent' },
    ] as const;
    expect(text(anOverview([anUpstream('auth', aBreaker({ gauges }))]))).toContain(
      '1 of 5 failures, 0 of 1 failure in a row, 12.3% of 50% failed, ? of 80% slow',
    );
  });

  it('never wraps, whatever the width and however long the names', () => {
    const long = anUpstream('学校サービス'.repeat(10), openBreaker({ name: 'x'.repeat(200) }));
    const overview = anOverview([long, anUpstream('auth', openBreaker()), anUpstream('school', school)]);
    for (let width = 8; width < 140; width += 3) {
      for (const palette of [plain, coloured]) {
        for (const line of renderStatus(overview, { width, palette })) {
          expect(textWidth(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
        }
      }
    }
    expect(text(overview, 80)).toContain('…');
  });

  it('says the same with colours as without', () => {
    const overview = anOverview([anUpstream('auth', openBreaker()), anUpstream('school', school)]);
    const painted = renderStatus(overview, { width: 100, palette: coloured }).join('\n');
    expect(painted).toContain('\u001b[31m✗ open');
    expect(painted).toContain('\u001b[32m✓ closed');
    expect(stripVTControlCharacters(painted)).toBe(text(overview, 100));
  });

  it('prints nothing of a name or a reason that could turn the terminal', () => {
    const failures = [{ detail: 'bad\u001b[2J\nbody' } as never];
    const shown = text(
      anOverview([anUpstream('a\u001b[31m\u0007', openBreaker({ name: 'b\r' }), { failures })]),
    );
    expect(shown).toContain('last failure: bad body');
    for (const character of ['\u001b', '\u0007', '\r']) expect(shown).not.toContain(character);
  });
});
