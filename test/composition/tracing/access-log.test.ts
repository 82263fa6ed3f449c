import { expect, it } from 'vitest';
import { answerWith, get, post } from '../../helpers/gateway-path.ts';
import { OtlpReceiver } from '../../helpers/otlp-receiver.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { AccessPath } from '../gateway/access-log-kit.ts';

it('the access log names the trace of what was passed on, of what was refused, and of no own page', async () => {
  await using receiver = await OtlpReceiver.start();
  await using upstream = await RawUpstream.answering(answerWith('well'));
  await using log = await AccessPath.start(
    { api: upstream },
    {
      top: `tracing: { endpoint: '${receiver.url}', sample: 100%, export: { interval: 10ms } }`,
      route: 'methods: [GET]',
    },
  );
  await log.path.ask(get('/', ['X-Request-Id: passed']));
  await log.path.ask(post('', ['X-Request-Id: refused']));
  await log.path.ask(get('/health', ['X-Request-Id: page']));
  await log.line(3);
  const lines = await log.written();
  for (const id of ['passed', 'refused']) {
    const [server] = await receiver.exchange(id, id === 'passed' ? 1 : 0);
    expect(lines.find(({ request_id }) => request_id === id)?.trace_id).toBe(server?.traceId);
  }
  expect(lines.find(({ request_id }) => request_id === 'page')).not.toHaveProperty('trace_id');
});
