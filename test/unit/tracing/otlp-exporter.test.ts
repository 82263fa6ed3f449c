import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import type { Delivery } from '../../../src/tracing/collector.ts';
import { ExportLog } from '../../../src/tracing/export-log.ts';
import { OtlpExporter } from '../../../src/tracing/otlp-exporter.ts';

const SPAN = {
  resource: { attributes: {} },
  instrumentationScope: { name: 'test' },
  spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
  startTime: [1, 5],
  endTime: [2, 0],
  name: 'GET',
  kind: 1,
  attributes: {},
  events: [],
  status: { code: 0 },
} as unknown as ReadableSpan;

/** Sends one span to a collector that always answers so; says how often it was asked. */
async function tries(delivery: Delivery, timeoutMs: number) {
  let asked = 0;
  const lost: object[] = [];
  const exporter = new OtlpExporter({
    collector: {
      send: async () => {
        asked++;
        return delivery;
      },
      destroy: () => {},
    },
    log: new ExportLog({ log: { warn: (fields: object) => void lost.push(fields) } as never, endpoint: 'x' }),
    timeoutMs,
    onTaken: () => {},
  });
  const result = await new Promise<{ code: number }>((done) => exporter.export([SPAN], done));
  return { asked, lost, code: result.code };
}

const busy = { arrived: false, reason: 'busy', again: true, afterMs: null } as const;

it('a batch is tried again with pauses until its time is over, also by a collector that wants none', async () => {
  const { asked, lost, code } = await tries({ ...busy, afterMs: 0 }, 900);
  // Pauses of at least 250 and 500 ms, or of up to 500 ms and then none that ends in time.
  expect([2, 3]).toContain(asked);
  expect(lost).toMatchObject([{ lost: 1, reason: 'busy' }]);
  expect(code).toBe(1);
});

it('a batch is given up at once where a collector wants more time than there is, or will never take it', async () => {
  expect(await tries({ ...busy, afterMs: 60_000 }, 5_000)).toMatchObject({ asked: 1, code: 1 });
  expect(await tries({ ...busy, again: false }, 5_000)).toMatchObject({ asked: 1, code: 1 });
});

it('a batch that has arrived is not sent again', async () => {
  expect(await tries({ arrived: true, rejected: 0 }, 5_000)).toEqual({ asked: 1, lost: [], code: 0 });
});
