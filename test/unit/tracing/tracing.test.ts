import { describe, expect, it } from 'vitest';
import { openTelemetry } from '../../../src/tracing/open-telemetry.ts';
import { Tracing } from '../../../src/tracing/tracing.ts';
import { eventually } from '../../helpers/eventually.ts';
import { exchangeRecord } from '../../helpers/exchange-record.ts';
import { OtlpReceiver } from '../../helpers/otlp-receiver.ts';

const refusal = exchangeRecord({
  outcome: 'refused',
  status: 404,
  route: null,
  upstream: null,
  breaker: null,
});

async function open(endpoint: string, differences: { queue?: number; batch?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const tracing = await Tracing.open(
    {
      endpoint,
      headers: {},
      sample: 100,
      trustParent: false,
      serviceName: 'breakwater',
      export: { intervalMs: 10, batch: 500, queue: 500, timeoutMs: 60_000, ...differences },
    },
    {
      log: { warn: (fields: object) => void lines.push({ ...fields }) } as never,
      breakers: [],
      trusts: () => false,
    },
  );
  return { tracing, lines };
}

describe('tracing', () => {
  it('keeps no more spans than the queue takes: of 10,000 the rest is dropped, and counted', async () => {
    await using receiver = await OtlpReceiver.start();
    receiver.behaviour = () => {};
    const { tracing, lines } = await open(receiver.url);
    for (let nth = 0; nth < 10_000; nth++) tracing.tracer.ownAnswer(refusal);
    await tracing.close();
    const sum = (key: string) => lines.reduce((total, line) => total + Number(line[key]), 0);
    // One batch is under way, and as much waits.
    expect([sum('lost'), sum('dropped')]).toEqual([1_000, 9_000]);
    expect(lines.length).toBeLessThanOrEqual(2);
  });

  it('reads nothing of the environment: no endpoint, no header field, no limit, no name', async () => {
    const other = await OtlpReceiver.start();
    await using receiver = await OtlpReceiver.start();
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: other.url,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-from=environment',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'environment',
      OTEL_RESOURCE_ATTRIBUTES: 'from=environment',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_SDK_DISABLED: 'true',
    };
    Object.assign(process.env, variables);
    try {
      const { tracing } = await open(receiver.url);
      tracing.tracer.ownAnswer(refusal);
      await tracing.close();
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      await other.close();
    }
    expect(receiver.spans).toHaveLength(1);
    expect(JSON.stringify(receiver.spans[0]?.resource)).not.toContain('environment');
    expect(receiver.requests[0]?.headers).not.toHaveProperty('x-from');
    expect(receiver.requests[0]?.headers).not.toHaveProperty('content-encoding');
    expect(other.requests).toEqual([]);
  });

  it('registers nothing that other users of OpenTelemetry in this process would meet', async () => {
    await using receiver = await OtlpReceiver.start();
    const { api } = await openTelemetry();
    const { tracing } = await open(receiver.url);
    expect(api.trace.getTracer('somebody').startSpan('a').isRecording()).toBe(false);
    expect(api.trace.getActiveSpan()).toBeUndefined();
    await tracing.close();
  });

  it('sends nothing more once it is closed, and does not mind', async () => {
    await using receiver = await OtlpReceiver.start();
    const { tracing, lines } = await open(receiver.url, { queue: 1, batch: 1 });
    await tracing.close();
    for (let nth = 0; nth < 10; nth++) tracing.tracer.ownAnswer(refusal);
    await tracing.close();
    expect([receiver.requests, lines]).toEqual([[], []]);
  });

  it('gives a batch that is being tried again one more try when it is closed, at once', async () => {
    await using receiver = await OtlpReceiver.start();
    receiver.behaviour = (response) => {
      receiver.behaviour = null;
      response.writeHead(503, { 'Retry-After': '30' }).end();
    };
    const { tracing, lines } = await open(receiver.url);
    tracing.tracer.ownAnswer(refusal);
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    await tracing.close();
    expect([receiver.spans.length, lines]).toEqual([1, []]);
  });
});

describe('without the packages of OpenTelemetry', () => {
  const missing = (name: string) =>
    Object.assign(new Error(`Cannot find package '${name}' imported from /x`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });

  it('the start fails, and says what to install', async () => {
    const error = missing('@opentelemetry/sdk-trace');
    await expect(openTelemetry(() => Promise.reject(error))).rejects.toThrow(
      'tracing needs packages that are not installed; npm install @opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources, or leave "tracing" out',
    );
  });

  it('another error is told as it is', async () => {
    const error = missing('else');
    await expect(openTelemetry(() => Promise.reject(error))).rejects.toBe(error);
  });
});
