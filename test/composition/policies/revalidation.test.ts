import { expect, it } from 'vitest';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { handling, PolicyPath } from './policy-path.ts';

it('a stored answer is asked about by its own tag in each attempt, whatever tag the client has', async () => {
  const asked: string[][] = [];
  await using api = await handling((connection, request, nth) => {
    asked.push(request.all('if-none-match'));
    if (nth === 0) {
      connection.send(answerWith('first', ['ETag: "v1"', 'Cache-Control: max-age=1']));
    } else if (nth === 1) connection.send(answerWith('', [], '503 No'));
    else connection.send('HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nCache-Control: max-age=1\r\n\r\n');
  });
  await using path = await PolicyPath.start(
    { api },
    { route: 'cache: true, retry: { backoff: { initial: 1ms } }' },
  );
  expect((await path.ask(get())).body.toString()).toBe('first');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const answer = await path.ask(get('/', ['If-None-Match: "of the client"', 'If-Modified-Since: yesterday']));
  expect([answer.status, answer.body.toString()]).toEqual([200, 'first']);
  expect(asked).toEqual([[], ['"v1"'], ['"v1"']]);
  expect(api.connections[0]?.text).not.toContain('yesterday');
  await path.judged({ successes: 2, failures: 1 });
  await path.idle();
});
