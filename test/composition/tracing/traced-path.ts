import { get } from '../../helpers/gateway-path.ts';
import { OtlpReceiver, type ReceivedSpan } from '../../helpers/otlp-receiver.ts';
import type { RawRequest, RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { type Origins, PolicyPath, type PolicySettings } from '../policies/policy-path.ts';

export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
export const CLIENT_SPAN = '00f067aa0ba902b7';
export const SAMPLED = `00-${TRACE}-${CLIENT_SPAN}-01`;
export const UNSAMPLED = `00-${TRACE}-${CLIENT_SPAN}-00`;

export interface TracedSettings extends PolicySettings {
  /** Keys of `tracing` beside endpoint and interval. */
  readonly tracing?: string;
  readonly interval?: string;
}

/** A gateway whose spans go to a receiver of the test's own. */
export class TracedPath {
  readonly path: PolicyPath;
  readonly receiver: OtlpReceiver;
  #asked = 0;

  constructor(path: PolicyPath, receiver: OtlpReceiver) {
    this.path = path;
    this.receiver = receiver;
  }

  static async start(
    origins: Origins,
    { tracing = 'sample: 100%', interval = '10ms', ...settings }: TracedSettings = {},
    receiver?: OtlpReceiver,
  ): Promise<TracedPath> {
    const own = receiver ?? (await OtlpReceiver.start());
    const exporting = /\bexport:/.test(tracing) ? '' : `, export: { interval: ${interval} }`;
    const top = `${settings.top ?? ''}\ntracing: { endpoint: '${own.url}', ${tracing}${exporting} }`;
    return new TracedPath(await PolicyPath.start(origins, { ...settings, top }), own);
  }

  /** One GET, and the spans of it: that of the server, and so many of clients. */
  async trace(clients: number, fields: readonly string[] = [], target = '/a?secret=1') {
    const id = `trace-${this.#asked++}`;
    const response = await this.path.ask(get(target, [`X-Request-Id: ${id}`, ...fields]));
    const [server, ...attempts] = await this.receiver.exchange(id, clients);
    return { response, server, attempts } as {
      response: RawResponse;
      server: ReceivedSpan;
      attempts: ReceivedSpan[];
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.path[Symbol.asyncDispose]();
    await this.receiver.close();
  }
}

/** The one `traceparent` in a request, taken apart. */
export function parentIn(request: RawRequest): { traceId: string; spanId: string; flags: string } {
  const [value = '', ...more] = request.all('traceparent');
  if (more.length > 0) throw new Error(`traceparent ${value} and ${more}`);
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(value) ?? [];
  if (flags === '') throw new Error(`traceparent is "${value}"`);
  return { traceId, spanId, flags };
}

/** An upstream that answers in turn, and keeps what it was asked. */
export async function answeringInTurn(...answers: string[]) {
  const requests: RawRequest[] = [];
  const upstream = await RawUpstream.answering((request, nth) => {
    requests.push(request);
    return answers[Math.min(nth, answers.length - 1)] as string;
  });
  return Object.assign(upstream, { requests });
}
