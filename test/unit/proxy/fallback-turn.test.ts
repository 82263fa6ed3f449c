import { describe, expect, it } from 'vitest';
import type { FallbackStepConfig } from '../../../src/config/gateway-config.ts';
import { UpstreamError } from '../../../src/http/message.ts';
import type { StoredAnswer } from '../../../src/proxy/cache/response-cache.ts';
import type { CacheTurn } from '../../../src/proxy/cache-turn.ts';
import type { ExchangeSite } from '../../../src/proxy/exchange-site.ts';
import { FallbackStep } from '../../../src/proxy/fallback-step.ts';
import { type Failure, FallbackTurn } from '../../../src/proxy/fallback-turn.ts';
import { upstreamRefusal } from '../../../src/proxy/refusals.ts';
import type { Upstream } from '../../../src/upstream/upstream.ts';
import { settled } from '../../helpers/fake-time.ts';

const ON = ['connect', 'reset', 'open', 'full', 'status', 'timeout'] as const;
const STALE: FallbackStepConfig = { type: 'stale', maxAgeMs: 1000, methods: ['GET'], on: ON };
const OTHER: FallbackStepConfig = { type: 'upstream', upstream: 'other', methods: null, on: ON };
const FAILURE: Failure = {
  condition: 'reset',
  refusal: upstreamRefusal(new UpstreamError('reset', 'broke'), 'api'),
  outcome: 'upstream_failed',
};

/** A chain whose cache answers when the test says so, and what it asked for. */
function chain(steps: readonly FallbackStepConfig[], { remainingMs = 1000, replayable = true } = {}) {
  const upstreams = new Map([['other', { name: 'other' } as Upstream]]);
  const told: string[] = [];
  let found: (answer: StoredAnswer | null) => void = () => {};
  const site = {
    admission: { plan: { fallback: steps.map((step) => new FallbackStep(step, upstreams)) } },
    request: { method: 'GET' },
    nothingSent: false,
    replayable,
    deadlines: { remainingMs: () => remainingMs },
    detachBody: () => told.push('detach'),
  } as unknown as ExchangeSite;
  const cache = {
    stale: () =>
      new Promise((resolve) => {
        found = resolve;
      }),
  } as unknown as CacheTurn;
  const turn = new FallbackTurn(site, cache, FAILURE, {
    askSecondary: ({ name }) => told.push(name),
    answerWith: ({ status }) => {
      told.push(String(status));
      if (status === 999) throw new Error('a bug');
    },
    giveIn: ({ refusal }) => told.push(refusal?.code ?? 'held'),
    broke: (error) => told.push((error as Error).message),
  });
  return { turn, told, found: (answer: { status: number } | null) => found(answer as StoredAnswer | null) };
}

describe('a fallback chain', () => {
  it('goes on with the next step when nothing is stored', async () => {
    const { turn, told, found } = chain([STALE, OTHER]);
    turn.next();
    found(null);
    await settled();
    expect(told).toEqual(['detach', 'other']);
  });

  it('that is over while the cache is asked asks nobody any more', async () => {
    for (const answer of [null, { status: 200 }]) {
      const { turn, told, found } = chain([STALE, OTHER]);
      turn.next();
      turn.end();
      found(answer);
      await settled();
      expect(told).toEqual([]);
    }
  });

  it('tells of a failure in the gateway’s own code instead of losing it', async () => {
    const { turn, told, found } = chain([STALE]);
    turn.next();
    found({ status: 999 });
    await settled();
    expect(told).toEqual(['999', 'a bug']);
  });

  it('passes over other upstreams when there is no time left, or no body to send them', () => {
    for (const lacking of [{ remainingMs: 0 }, { replayable: false }]) {
      const { turn, told } = chain([OTHER], lacking);
      turn.next();
      expect([told, turn.step]).toEqual([['UPSTREAM_RESET'], null]);
    }
  });
});

describe('a step to another upstream', () => {
  const step = (config: Partial<FallbackStepConfig> = {}) =>
    new FallbackStep({ ...OTHER, ...config } as FallbackStepConfig, new Map([['other', {} as Upstream]]));

  it('is for the idempotent methods after anything in `on`', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      expect(step().answers(method, 'reset', false)).toBe(true);
      expect(step({ on: ['open'] }).answers(method, 'reset', false)).toBe(false);
    }
  });

  it('is for any method only when nobody has got anything of the request', () => {
    for (const condition of ['connect', 'open', 'full'] as const) {
      expect(step().answers('POST', condition, true)).toBe(true);
      expect(step().answers('POST', condition, false)).toBe(false);
    }
    for (const condition of ['reset', 'timeout', 'status'] as const) {
      expect(step().answers('POST', condition, true)).toBe(false);
    }
  });

  it('is for the listed methods, and no others, where there is a list', () => {
    expect(step({ methods: ['POST'] }).answers('POST', 'reset', false)).toBe(true);
    expect(step({ methods: ['POST'] }).answers('GET', 'connect', true)).toBe(false);
  });
});
