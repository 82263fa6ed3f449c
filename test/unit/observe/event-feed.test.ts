import { describe, expect, it } from 'vitest';
import { EventFeed, MAX_EVENTS, MAX_PROBES } from '../../../src/observe/event-feed.ts';
import type { GatewayEvent, NumberedEvent } from '../../../src/observe/gateway-event.ts';
import type { BreakerRule, BreakerState } from '../../../src/resilience/index.ts';

const action = (name: string): GatewayEvent => ({ type: 'admin', at: 1, action: name, from: '127.0.0.1' });

/** Of those that are no probes. */
const MOST = MAX_EVENTS - MAX_PROBES;

function transition(from: BreakerState, to: BreakerState, rule: BreakerRule): GatewayEvent {
  const reason = { rule, message: '', failures: 5, requests: 5, slowCalls: 0, threshold: 5, windowMs: null };
  const counts = { failures: 5, successes: 0, requests: 5 };
  const rest = { reason, counts, retryAfterMs: null, openForMs: null, samples: [] };
  return { type: 'transition', at: 1, breaker: 'a-http', upstream: 'a', from, to, ...rest };
}

function feedWith(count: number): EventFeed {
  const feed = new EventFeed();
  for (let nth = 1; nth <= count; nth++) feed.tell(action(`action ${nth}`));
  return feed;
}

const ids = (events: readonly NumberedEvent[]): number[] => events.map(({ id }) => id);

describe('the feed of events', () => {
  it('numbers them from 1 and lists what came after one, oldest first', () => {
    const feed = feedWith(3);
    expect(feed.since(0)).toEqual([1, 2, 3].map((id) => ({ ...action(`action ${id}`), id })));
    expect(ids(feed.since(2))).toEqual([3]);
    expect(feed.since(3)).toEqual([]);
    expect(feed.lastId).toBe(3);
  });

  it.each([MOST - 1, MOST, MOST + 1, 3 * MOST + 7])('keeps the newest of %i, as many as it may', (told) => {
    const kept = ids(feedWith(told).since(0));
    expect(kept).toHaveLength(Math.min(told, MOST));
    expect(kept).toEqual(kept.map((_, at) => told - kept.length + 1 + at));
  });

  it('keeps how an outage began, however many probes fail after it', () => {
    const feed = feedWith(1);
    feed.tell(transition('CLOSED', 'OPEN', 'failures'));
    for (let nth = 0; nth < MAX_EVENTS; nth++) {
      feed.tell(transition('OPEN', 'HALF_OPEN', 'open_time_over'));
      feed.tell(transition('HALF_OPEN', 'OPEN', nth % 2 === 0 ? 'probe_failed' : 'probe_lost'));
    }
    feed.tell(transition('HALF_OPEN', 'CLOSED', 'recovered'));
    const kept = ids(feed.since(0));
    expect(kept.slice(0, 2)).toEqual([1, 2]);
    expect(kept).toHaveLength(3 + MAX_PROBES);
    expect(kept.slice(2)).toEqual(
      Array.from({ length: MAX_PROBES + 1 }, (_, at) => feed.lastId - MAX_PROBES + at),
    );
  });

  it('lists what it still has for somebody who was away for too long', () => {
    const feed = feedWith(MOST + 10);
    expect(ids(feed.since(3))[0]).toBe(11);
    expect(ids(feed.since(20))[0]).toBe(21);
  });

  it('takes a number that it has not given for one from before a restart', () => {
    expect(ids(feedWith(3).since(4711))).toEqual([1, 2, 3]);
  });

  it('tells each event to all listeners, whatever one of them throws, until they end it', () => {
    const feed = new EventFeed();
    const heard: string[] = [];
    feed.on(() => {
      throw new Error('not mine');
    });
    const end = feed.on(({ id }) => heard.push(`one ${id}`));
    feed.on(({ id }) => heard.push(`two ${id}`));
    feed.tell(action('a'));
    end();
    feed.tell(action('b'));
    expect(heard).toEqual(['one 1', 'two 1', 'two 2']);
  });

  it('can list an event when it tells it', () => {
    const feed = new EventFeed();
    let listed: readonly number[] = [];
    feed.on(() => {
      listed = ids(feed.since(0));
    });
    feed.tell(action('a'));
    expect(listed).toEqual([1]);
  });
});
