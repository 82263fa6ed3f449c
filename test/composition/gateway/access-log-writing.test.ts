import { describe, expect, it, vi } from 'vitest';
import { AccessLog } from '../../../src/observe/access-log/access-log.ts';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { itInOneThread } from '../../helpers/test-gateway.ts';
import { DEAD, handling } from '../policies/policy-path.ts';
import { AccessPath } from './access-log-kit.ts';

const WELL = answerWith('well done');

describe('the access log writes', () => {
  it('nothing of what is plain and not in the sample, and all of what was slow', async () => {
    await using upstream = await RawUpstream.answering(WELL);
    await using quiet = await AccessPath.start({ api: upstream }, {}, 'sample: 0%');
    await using late = await handling((connection) => void setTimeout(() => connection.send(WELL), 20));
    await using lateLog = await AccessPath.start({ api: late }, {}, 'sample: 0%, slow: 15ms');
    for (const log of [quiet, lateLog]) await log.path.ask(get());
    expect(await lateLog.line()).toMatchObject({ outcome: 'answered' });
    await quiet.path.gateway.stop();
    expect(await quiet.written()).toEqual([]);
  });

  it('everything by the time that the gateway has stopped', async () => {
    await using log = await AccessPath.start({ api: DEAD });
    const client = await log.path.connect();
    expect((await client.ask(get('/health'))).status).toBe(200);
    client.destroy();
    await log.path.gateway.stop();
    expect(await log.written()).toMatchObject([{ path: '/health' }]);
  });

  itInOneThread(
    'nothing when it fails, which ends neither the exchange nor the gateway, and is told of',
    async () => {
      await using upstream = await RawUpstream.answering(WELL);
      await using log = await AccessPath.start({ api: upstream });
      using finished = vi.spyOn(AccessLog.prototype, 'finished').mockImplementation(() => {
        throw new Error('of the log');
      });
      const client = await log.path.connect();
      for (let nth = 0; nth < 2; nth++) expect((await client.ask(get())).status).toBe(200);
      expect(finished).toHaveBeenCalledTimes(2);
      const told = log.path.gateway.logLines.filter(({ level }) => level === 'error');
      expect(told).toMatchObject([{ err: { message: 'of the log' } }, { err: { message: 'of the log' } }]);
    },
  );
});
