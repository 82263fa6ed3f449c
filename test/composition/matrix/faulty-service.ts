import { setTimeout as sleep } from 'node:timers/promises';
import { answerWith } from '../../helpers/gateway-path.ts';
import type { UpstreamConnection, UpstreamScript } from '../../helpers/raw-upstream.ts';
import type { Cell, Fault } from './cell.ts';

/** RFC 6455 §1.3: a key, and the answer that proves that it was read. */
export const WEBSOCKET_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const WEBSOCKET_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** How late a slow answer is, in milliseconds. */
export const SLOW_MS = 500;

/** What a service waits for before it fails, and what it lets happen meanwhile. */
export interface FaultCues {
  readonly cell: Cell;
  /** Tells the client to send what it still owes of its body. */
  finishRequest(): void;
  /** Whatever is to happen while the request is under way. */
  meanwhile(): Promise<void>;
  /** Waits until the gateway has written to its end of this connection. */
  gatewayHasWritten(connection: UpstreamConnection): Promise<void>;
  /** Waits until the client has read this. */
  clientHas(text: string): Promise<void>;
}

type Strike = (connection: UpstreamConnection, cues: FaultCues) => Promise<void>;

const STRIKES: Readonly<Record<Exclude<Fault, 'refused'>, Strike>> = {
  // A connection that breaks before the gateway knows of it would be one that was never made.
  'reset at connect': async (connection, cues) => {
    connection.socket.pause();
    await cues.gatewayHasWritten(connection);
    await cues.meanwhile();
    connection.reset();
  },
  'reset before headers': async (connection, cues) => {
    await begunRequest(connection);
    await cues.meanwhile();
    connection.reset();
  },
  'reset mid-body': async (connection, cues) => {
    await begunRequest(connection);
    connection.send(partOfAnswer(cues.cell));
    await cues.clientHas('part');
    await cues.meanwhile();
    connection.reset();
  },
  'stall before headers': async (connection, cues) => {
    await wholeRequest(connection, cues);
    await cues.meanwhile();
    await connection.closed();
  },
  'stall mid-body': async (connection, cues) => {
    await wholeRequest(connection, cues);
    connection.send(partOfAnswer(cues.cell));
    await cues.meanwhile();
    await connection.closed();
  },
  '500': async (connection, cues) => {
    await begunRequest(connection);
    await cues.meanwhile();
    connection.send(answerWith('broken', [], '500 Internal Server Error'));
    // With half a body behind it the connection is of no further use.
    if (cues.cell.kind === 'POST streaming') await connection.closed();
  },
  slow: async (connection, cues) => {
    const upgrade = await wholeRequest(connection, cues);
    await Promise.all([cues.meanwhile(), sleep(SLOW_MS)]);
    await answer(connection, upgrade, 'well');
  },
  garbage: async (connection, cues) => {
    await begunRequest(connection);
    await cues.meanwhile();
    connection.send('SSH-2.0-OpenSSH_9.6\r\n\r\n');
    await connection.closed();
  },
  'half-closed': async (connection, cues) => {
    await begunRequest(connection);
    await cues.meanwhile();
    connection.end();
    await connection.closed();
  },
};

/** Fails the first request that comes to it, and answers all others. */
export function faultyService(cues: () => FaultCues): UpstreamScript {
  let struck = false;
  return async (connection) => {
    const { fault } = cues().cell;
    if (!struck && fault !== 'refused') {
      struck = true;
      await STRIKES[fault](connection, cues());
    }
    await serve(connection, cues, 'well');
  };
}

/** Answers all requests with this text, a WebSocket's as its first frame. */
export function healthyService(cues: () => FaultCues, text: string): UpstreamScript {
  return (connection) => serve(connection, cues, text);
}

async function serve(connection: UpstreamConnection, cues: () => FaultCues, text: string): Promise<void> {
  while (connection.ended === null) await answer(connection, await wholeRequest(connection, cues()), text);
}

async function answer(connection: UpstreamConnection, upgrade: boolean, text: string): Promise<void> {
  if (!upgrade) {
    connection.send(answerWith(text));
    return;
  }
  connection.send(switching(text));
  await connection.closed();
  connection.end();
}

/** As much of a request as the client sends by itself. */
async function begunRequest(connection: UpstreamConnection): Promise<void> {
  if (await isStreamed(connection)) await connection.waitFor('first');
  else await connection.request();
}

/** @returns whether it asks for a WebSocket */
async function wholeRequest(connection: UpstreamConnection, cues: FaultCues): Promise<boolean> {
  if (await isStreamed(connection)) {
    await connection.waitFor('first');
    cues.finishRequest();
  }
  return (await connection.request()).header('upgrade') === 'websocket';
}

async function isStreamed(connection: UpstreamConnection): Promise<boolean> {
  const coming = () => connection.unconsumed.toString('latin1');
  await connection.until(() => connection.ended !== null || coming().includes('\r\n\r\n'), 'a head', 600_000);
  return /^transfer-encoding: chunked\r$/im.test(coming());
}

/** In chunks, because the gateway could not tell by itself that they are not all. */
function partOfAnswer({ kind }: Cell): string {
  if (kind === 'WebSocket') return switching('part');
  return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n';
}

/** A 101 and a first frame of text. */
function switching(text: string): string {
  const fields = ['Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Accept: ${WEBSOCKET_ACCEPT}`];
  const frame = `\x81${String.fromCharCode(text.length)}${text}`;
  return `HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n${frame}`;
}
