import { describe, expect, it } from 'vitest';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import type { RawRequest } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { PolicyPath, SWITCHED, upgrade } from '../policies/policy-path.ts';
import { CLIENT_SPAN, parentIn, SAMPLED, TRACE, TracedPath, UNSAMPLED } from './traced-path.ts';

/** An upstream that keeps what it was asked. */
async function listening(answer = answerWith('fine')) {
  const requests: RawRequest[] = [];
  const upstream = await RawUpstream.answering((request) => {
    requests.push(request);
    return answer;
  });
  return Object.assign(upstream, { requests });
}

const NONE = { tracing: 'sample: 0%' };
const ALL = { tracing: 'sample: 100%' };
const TRUSTED = { server: 'trusted_proxies: [127.0.0.1]' };
const STATE = ['tracestate: a=1,b=2', `tracestate: c=${'x'.repeat(600)}`];

describe('without tracing', () => {
  it.each([
    [[`traceparent: ${SAMPLED}`, ...STATE]],
    [['TraceParent: nonsense', 'traceparent: 00-00', 'Tracestate: =']],
    [['tracestate: alone=1']],
    [[]],
  ])('fields go on untouched: %j', async (fields) => {
    await using api = await listening();
    await using path = await PolicyPath.start({ api });
    expect((await path.ask(get('/', fields))).status).toBe(200);
    const sent = api.requests[0]!.fields.filter(([name]) => /^trace/i.test(name));
    expect(sent.map(([name, value]) => `${name}: ${value}`)).toEqual(fields);
  });

  it('those of an upgrade do as well', async () => {
    await using api = await listening(SWITCHED);
    await using path = await PolicyPath.start({ api });
    const fields = `traceparent: ${SAMPLED}\r\ntracestate: a=1`;
    (await path.connect()).send(upgrade('/').replace('\r\n\r\n', `\r\n${fields}\r\n\r\n`));
    await (await api.connection()).waitFor('\r\n\r\n');
    expect(api.connections[0]!.text).toContain(`\r\n${fields}\r\n`);
  });
});

describe('a client’s trace', () => {
  it('goes on through our spans, its state with it as it came', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, ALL);
    const { server, attempts } = await traced.trace(1, [`traceparent: ${SAMPLED}`, ...STATE]);
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: CLIENT_SPAN, flags: 0x301 });
    expect(attempts[0]).toMatchObject({ traceId: TRACE, parentSpanId: server.spanId, flags: 0x101 });
    const [request] = api.requests as [RawRequest];
    expect(parentIn(request)).toEqual({ traceId: TRACE, spanId: attempts[0]!.spanId, flags: '01' });
    expect(request.all('tracestate').map((value) => `tracestate: ${value}`)).toEqual(STATE);
  });

  it('has its state on the spans, where that is short enough', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, ALL);
    const { server } = await traced.trace(1, [`traceparent: ${SAMPLED}`, 'tracestate: a=1,b=2']);
    expect(server.traceState).toBe('a=1,b=2');
  });

  it.each([
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    [`ff-${TRACE}-${CLIENT_SPAN}-01`],
    [SAMPLED.toUpperCase()],
    [`${SAMPLED}-more`],
  ])('begins anew at %s, and its state is nobody’s', async (invalid) => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, ALL);
    const { server, attempts } = await traced.trace(1, [`traceparent: ${invalid}`, 'tracestate: a=1']);
    expect(server.parentSpanId).toBeNull();
    expect(server.traceId).not.toBe(TRACE);
    const [request] = api.requests as [RawRequest];
    expect(parentIn(request)).toEqual({ traceId: server.traceId, spanId: attempts[0]!.spanId, flags: '01' });
    expect(request.all('tracestate')).toEqual([]);
  });

  it('begins anew where there are two', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, ALL);
    const { server } = await traced.trace(1, [`traceparent: ${SAMPLED}`, `Traceparent: ${SAMPLED}`]);
    expect(server.traceId).not.toBe(TRACE);
    expect(parentIn(api.requests[0]!).traceId).toBe(server.traceId);
  });
});

describe('a request that is not sampled', () => {
  it('tells its upstream so, in a trace that begins here', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, NONE);
    await traced.path.ask(get());
    await traced.path.ask(get());
    const [first, second] = api.requests.map(parentIn);
    expect([first?.flags, second?.flags]).toEqual(['00', '00']);
    expect(second?.traceId).not.toBe(first?.traceId);
  });

  it('goes on as it came where its client has said so', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, NONE);
    const future = `cc-${TRACE}-${CLIENT_SPAN}-00-what-may-come`;
    for (const sent of [UNSAMPLED, future]) {
      await traced.path.ask(get('/', [`TraceParent: ${sent}`, 'tracestate: a=1']));
      const { fields } = api.requests.at(-1) as RawRequest;
      expect(fields.filter(([name]) => /^trace/i.test(name))).toEqual([
        ['TraceParent', sent],
        ['tracestate', 'a=1'],
      ]);
    }
  });

  it('is so for the services behind us too, whatever a client that is not believed says', async () => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, NONE);
    await traced.path.ask(get('/', [`traceparent: ${SAMPLED}`, 'tracestate: a=1']));
    const [request] = api.requests as [RawRequest];
    expect(parentIn(request)).toMatchObject({ traceId: TRACE, flags: '00' });
    expect(parentIn(request).spanId).not.toBe(CLIENT_SPAN);
    expect(request.all('tracestate')).toEqual(['a=1']);
    await traced.path.gateway.stop();
    expect(traced.receiver.spans).toEqual([]);
  });
});

describe('whose decision holds', () => {
  it.each([
    ['that of a trusted proxy, to sample', TRUSTED, 'sample: 0%', SAMPLED, true],
    ['that of a trusted proxy, not to', TRUSTED, 'sample: 100%', UNSAMPLED, false],
    ['that of any client with trust_parent', {}, 'sample: 0%, trust_parent: true', SAMPLED, true],
    ['ours, of any other client', {}, 'sample: 100%', UNSAMPLED, true],
    ['ours, where a trusted proxy says nothing', TRUSTED, 'sample: 100%', null, true],
  ])('%s', async (_, server, tracing, parent, sampled) => {
    await using api = await listening();
    await using traced = await TracedPath.start({ api }, { ...server, tracing });
    await traced.path.ask(get('/', parent === null ? [] : [`traceparent: ${parent}`]));
    const told = parentIn(api.requests[0]!);
    expect(told.flags).toBe(sampled ? '01' : '00');
    if (parent !== null) expect(told.traceId).toBe(TRACE);
    await traced.path.gateway.stop();
    expect(traced.receiver.spans.length).toBe(sampled ? 2 : 0);
  });
});
