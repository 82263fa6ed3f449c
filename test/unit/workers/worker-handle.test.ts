import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { WorkerData } from '../../../src/workers/messages.ts';
import { WorkerHandle } from '../../../src/workers/worker-handle.ts';

it('a worker whose thread cannot be made ends like any other: it is told of, and throws nothing at its maker', async () => {
  // Refused by the same constructor, at once, as when the system has no thread left (EAGAIN).
  const { port1: storesEnd, port2: storePort } = new MessageChannel();
  const unsendable = { index: 3, config: () => {}, storePort } as unknown as WorkerData;
  const closed = once(storesEnd, 'close');
  const ended = Promise.withResolvers<WorkerHandle>();
  const worker = new WorkerHandle(unsendable, { onLog: () => {}, onAccess: () => {}, onEnd: ended.resolve });
  const listening = worker.listen({ host: '127.0.0.1', port: 0 });
  await expect(listening).rejects.toThrow(/^its thread could not be made: .*could not be cloned/);
  expect(await ended.promise).toBe(worker);
  await closed;
  expect(await worker.stop(60_000)).toBe(true);
  await worker.terminate();
});
