import { describe, expect, it } from 'vitest';
import { WatchedBody } from '../../../src/proxy/watched-body.ts';
import { ClientBody } from '../../helpers/outbound-attempt.ts';

/** A watched body, its client, and whose turn it was whenever it said that this may have changed. */
function watched() {
  const client = new ClientBody(9);
  const turns: ('client' | 'upstream')[] = [];
  const body = new WatchedBody(client, () => turns.push(body.waitingForClient ? 'client' : 'upstream'));
  const start = () => body.start({ onChunk: () => {}, onEnd: () => {}, onError: () => {} });
  return { client, body, turns, start };
}

describe('whom a request body waits for', () => {
  it('before it is started: for the upstream, which has no connection yet', () => {
    const { body, turns } = watched();
    expect([body.waitingForClient, turns]).toEqual([false, []]);
  });

  it('from its start on: for the client', () => {
    const { turns, start } = watched();
    start();
    expect(turns).toEqual(['client']);
  });

  it('while it is held back: for the upstream', () => {
    const { body, client, turns, start } = watched();
    start();
    body.pause();
    expect([turns.at(-1), client.paused]).toEqual(['upstream', true]);
    body.resume();
    expect([turns.at(-1), client.paused]).toEqual(['client', false]);
    expect(turns).toHaveLength(3);
  });

  it('after its end: for the upstream', async () => {
    const { client, turns, start } = watched();
    start();
    await client.end('all of it');
    expect(turns.at(-1)).toBe('upstream');
  });

  it('between two attempts: not for the client, who is held back', () => {
    const { body, start } = watched();
    start();
    body.rest();
    expect(body.waitingForClient).toBe(false);
  });
});
