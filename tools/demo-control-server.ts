import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningProgram } from './demo-program.ts';
import { writeState } from './demo-state.ts';

export interface ControlServer {
  /** Writes down which processes run now. */
  save(): void;
  close(): void;
}

type Programs = ReadonlyMap<string, RunningProgram>;

function mayControl(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function control(programs: Programs, action: string, name: string): Promise<string> {
  const program = programs.get(name);
  if (program === undefined || (action !== 'stop' && action !== 'start')) {
    throw new Error(`There is no "${name}" to ${action}; there are: ${[...programs.keys()].join(', ')}.`);
  }
  if (action === 'stop') {
    if (!program.running) return `${name} is stopped already.`;
    await program.kill();
    return `${name} is stopped. Start it again with: make demo-start SERVICE=${name}`;
  }
  if (program.running) return `${name} is running already.`;
  await program.start();
  return `${name} is running again.`;
}

/** Takes the orders of `make demo-stop` and `make demo-start`, on a loopback port of its own. */
export async function listenForControl(programs: Programs): Promise<ControlServer> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    if (!mayControl(request, token)) {
      response.writeHead(403).end('This is not the secret of the running demo.');
      return;
    }
    const [, action = '', name = ''] = (request.url ?? '').split('/');
    control(programs, action, decodeURIComponent(name))
      .finally(save)
      .then(
        (text) => response.end(text),
        (error: Error) => response.writeHead(409).end(error.message),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function save(): void {
    const pids = [...programs].flatMap(([name, { pid }]) => (pid === null ? [] : [[name, pid] as const]));
    writeState({ pid: process.pid, url, token, programs: Object.fromEntries(pids) });
  }

  return {
    save,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
