import { describe, expect, vi } from 'vitest';
import { AccessLog } from '../../../src/observe/access-log/access-log.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { AccessPath } from './access-log-kit.ts';

describe('an access log that fails', () => {
  itInOneThread('ends neither the exchange nor the gateway, and is told of', async () => {
    await using upstream = await RawUpstream.answering(answerWith('well done'));
    await using log = await AccessPath.start({ api: upstream });
    using finished = vi.spyOn(AccessLog.prototype, 'finished').mockImplementation(() => {
      throw new Error('of the log');
    });
    const client = await log.path.connect();
    for (let nth = 0; nth < 2; nth++) expect((await client.ask(get())).status).toBe(200);
    expect(finished).toHaveBeenCalledTimes(2);
    const told = log.path.gateway.logLines.filter(({ level }) => level === 'error');
    expect(told).toMatchObject([{ err: { message: 'of the log' } }, { err: { message: 'of the log' } }]);
  });
});
