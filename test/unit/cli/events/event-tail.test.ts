import { describe, expect, it } from 'vitest';
import { EventTail } from '../../../../src/cli/events/event-tail.ts';
import type { NumberedEvent } from '../../../../src/observe/gateway-event.ts';
import { anOverview } from '../an-overview.ts';

function event(id: number): NumberedEvent {
  return { id, type: 'admin', at: 0, action: 'a', from: 'b' };
}

const message = (one: NumberedEvent) => ({ event: 'event', data: JSON.stringify(one) });

function overview(startedAt: number) {
  const { gateway, ...rest } = anOverview([]);
  return { event: 'overview', data: JSON.stringify({ ...rest, gateway: { ...gateway, startedAt } }) };
}

describe('the tail of events', () => {
  it('prints each once, whatever is sent again', async () => {
    const printed: number[] = [];
    const tail = new EventTail({ after: 2, print: ({ id }) => printed.push(id), all: async () => [] });
    for (const one of [overview(1), ...[1, 2, 3, 3, 4].map((id) => message(event(id))), overview(1)]) {
      await tail.take(one);
    }
    await tail.take(message(event(4)));
    await tail.take({ event: 'sample', data: 'not even read' });
    expect(printed).toEqual([3, 4]);
    expect(tail.last).toBe(4);
  });

  it('begins again with a gateway that has started again, and misses nothing of it', async () => {
    const printed: number[] = [];
    const tail = new EventTail({
      after: 0,
      print: ({ id }) => printed.push(id),
      all: async () => [event(1), event(2)],
    });
    await tail.take(overview(1));
    for (const id of [1, 2, 3, 4, 5]) await tail.take(message(event(id)));
    await tail.take(overview(2));
    // What the gateway sends by itself after the overview, and then a new one.
    for (const id of [1, 2, 3]) await tail.take(message(event(id)));
    expect(printed).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
  });
});
