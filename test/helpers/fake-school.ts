import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { SchoolService } from '../../services/gen/school/v1/school_pb.ts';

export type SchoolBehaviour = 'exists' | 'missing' | 'hangs' | keyof typeof Code;

export interface FakeSchool {
  readonly url: string;
  /** How the next calls are answered. */
  behaviour: SchoolBehaviour;
  /** The calls that arrived, with the milliseconds that the caller granted. */
  readonly calls: { readonly id: string; readonly timeoutMs: number | undefined }[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A school-service in this process that answers `ValidateSchool` as it is told. */
export async function startFakeSchool(): Promise<FakeSchool> {
  const validateSchool = async ({ id }: { id: string }, context: HandlerContext) => {
    fake.calls.push({ id, timeoutMs: context.timeoutMs() });
    if (fake.behaviour === 'hangs')
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    if (fake.behaviour in Code) throw new ConnectError('told so', Code[fake.behaviour as keyof typeof Code]);
    return fake.behaviour === 'exists' ? { exists: true, name: 'Fake' } : { exists: false };
  };
  const server = createServer(
    connectNodeAdapter({ routes: (router) => router.service(SchoolService, { validateSchool }) }),
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeSchool = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behaviour: 'exists',
    calls: [],
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
  return fake;
}
