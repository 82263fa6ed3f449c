import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens so many connections, asks once on each, prints "open" and keeps them: <port> <connections>. */

const [port, count] = process.argv.slice(2);
const AT_A_TIME = 100;
const REQUEST = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

const kept: Socket[] = [];
const wanted = Number(count);
let started = 0;

function fail(why: string): void {
  console.error(`${why}, with ${kept.length} of ${wanted} connections open`);
  process.exit(1);
}

/** The upstream's answer is JSON, and small enough to come in one piece. */
async function open(): Promise<void> {
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.on('error', (error) => fail(error.message));
  socket.once('close', () => fail('The proxy closed a connection'));
  await once(socket, 'connect');
  socket.write(REQUEST);
  let answer = '';
  while (!answer.endsWith('}')) answer += String((await once(socket, 'data'))[0]);
  if (!answer.startsWith('HTTP/1.1 200')) fail(answer.split('\r\n')[0] ?? '');
  kept.push(socket);
}

async function openInTurn(): Promise<void> {
  while (started < wanted) {
    started++;
    await open();
  }
}

await Promise.all(Array.from({ length: AT_A_TIME }, openInTurn));
process.stdout.write('open\n');
