import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawResponse } from '../../helpers/raw-message.ts';
import { TestLane } from '../../helpers/test-lane.ts';

let lane: TestLane;

beforeAll(async () => {
  lane = await TestLane.start();
});
afterAll(() => lane[Symbol.asyncDispose]());

const HOST = 'Host: a.example\r\n';

/** Sends the bytes on a connection of their own; the lane must refuse, close, and hand nothing to the handler. */
async function refusal(bytes: string): Promise<RawResponse> {
  const before = lane.handled.length;
  await using client = await lane.connect();
  const response = await client.ask(bytes);
  expect(response.header('connection')).toBe('close');
  expect(response.header('content-type')).toBe('application/json');
  expect(Date.parse(response.header('date') ?? '')).not.toBeNaN();
  expect(await client.closed()).toBe('end');
  expect(client.unconsumed.toString('latin1')).toBe('');
  expect(lane.handled.length).toBe(before);
  return response;
}

async function expectRefusal(bytes: string, status: number, code: string): Promise<void> {
  const response = await refusal(bytes);
  expect([response.status, response.json().error?.code]).toEqual([status, code]);
}

async function accepted(bytes: string) {
  await using client = await lane.connect();
  const response = await client.ask(bytes);
  expect(response.status).toBe(200);
  return lane.handled.at(-1)!.request;
}

function withField(line: string): string {
  return `GET / HTTP/1.1\r\n${HOST}${line}\r\n\r\n`;
}

describe('fields', () => {
  it.each([
    ['duty 6: refuses NUL in a value', withField('X: a\0b')],
    ['duty 6: refuses CR in a value', withField('X: a\rb')],
    ['duty 6: refuses another control character in a value', withField('X: a\x01b')],
    ['duty 7: refuses an empty name', withField(': b')],
    ['duty 7: refuses a name that is not a token', withField('X(y): b')],
    ['duty 7: refuses a name with an octet outside ASCII', withField('X\xe9: b')],
    ['duty 7: refuses a line without a colon', withField('Xy')],
    ['duty 8: refuses a space before the colon', withField('X : b')],
    ['duty 8: refuses a tab before the colon', withField('X\t: b')],
    ['duty 9: refuses a folded line', withField('X: a\r\n b')],
    ['duty 9: refuses a line folded with a tab', withField('X: a\r\n\tb')],
    ['duty 10: refuses whitespace before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n`],
    ['duty 11: refuses bare LF everywhere', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['duty 11: refuses bare LF after a field', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
    ['duty 11: refuses bare LF at the end of the head', 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
    ['duty 11: refuses bare CR after a field', 'GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    await expectRefusal(bytes, 400, 'BAD_REQUEST');
  });

  it('duty 12: keeps the order and the names of fields, repeated ones apart', async () => {
    const fields = ['Host', 'a.example', 'X-B', '1', 'x-a', '2', 'X-B', '3', '__proto__', '4', 'X-E', ''];
    const lines = fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1]}\r\n`] : []));
    const request = await accepted(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`);
    expect(request.headers).toEqual(fields);
    expect(request.header('x-b')).toBe('1');
    expect(request.header('__proto__')).toBe('4');
  });

  it('keeps octets outside ASCII in values as they are', async () => {
    const request = await accepted(withField('X: \xc3\xa9\xff'));
    expect(request.header('x')).toBe('\xc3\xa9\xff');
  });

  it('duty 57: drops Upgrade and answers as if it had not been there', async () => {
    const lines = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk';
    const request = await accepted(withField(lines));
    expect(request.header('upgrade')).toBeUndefined();
    expect(request.header('connection')).toBe('Upgrade, HTTP2-Settings');
  });

  it('duty 57: takes nothing after a request with Upgrade for another request', async () => {
    const before = lane.handled.length;
    await using client = await lane.connect();
    const upgrade = `POST /a HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nab`;
    client.send(`${upgrade}GET /b HTTP/1.1\r\n${HOST}\r\n`);
    const response = await client.response();
    expect(response.body.toString()).toBe('ab');
    expect(response.header('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(client.unconsumed.length).toBe(0);
    expect(lane.handled.length).toBe(before + 1);
  });
});

describe('target and method', () => {
  it.each([
    ['duty 41: refuses HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['duty 41: refuses a second Host', `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`],
    ['duty 41: refuses an equal second Host', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
    ['duty 41: refuses an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['duty 41: refuses user information in Host', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
    ['duty 41: refuses a list in Host', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
    ['duty 41: refuses a path in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    [
      'duty 42: refuses an invalid Host beside an absolute target',
      'GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n',
    ],
    ['duty 42: refuses an absolute target without host', `GET http:///x HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 42: refuses user information in a target', `GET http://u@b/ HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 44: refuses `*` for another method', `GET * HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: refuses a method that is no token', `G@T / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: refuses a request that begins with a space', ` GET / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: refuses a tab after the method', `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 47: refuses another protocol', `GET / JUNK/1.1\r\n${HOST}\r\n`],
    ['duty 47: refuses RTSP, which the parser knows', `OPTIONS / RTSP/1.0\r\n${HOST}\r\n`],
    ['duty 47: refuses a version in lower case', `GET / http/1.1\r\n${HOST}\r\n`],
    ['duty 47: refuses a version without minor', `GET / HTTP/1\r\n${HOST}\r\n`],
    ['duty 47: refuses something behind the version', `GET / HTTP/1.1 x\r\n${HOST}\r\n`],
    ['duty 47: refuses a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['duty 48: refuses a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses a tab in the target', `GET /a\tb HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses NUL in the target', `GET /a\0b HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses a control character in the target', `GET /a\x1fb HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses DEL in the target', `GET /a\x7fb HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses an octet outside ASCII', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses a target without slash', `GET abc HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 48: refuses an authority as target', `GET a.example:80 HTTP/1.1\r\n${HOST}\r\n`],
  ])('%s', async (_, bytes) => {
    await expectRefusal(bytes, 400, 'BAD_REQUEST');
  });

  it('duty 47: refuses RTSP, also when its line begins behind another request and comes in two pieces', async () => {
    const before = lane.handled.length;
    await using client = await lane.connect();
    const first = await client.ask(`GET /first HTTP/1.1\r\n${HOST}\r\nGET /second RTSP/`);
    expect(first.status).toBe(200);
    expect((await client.ask(`1.0\r\n${HOST}\r\n`)).status).toBe(400);
    expect(lane.handled.length).toBe(before + 1);
  });

  it.each([
    ['duty 45: refuses CONNECT', `CONNECT a.example:80 HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 45: refuses CONNECT with a body', `CONNECT a:80 HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nab`],
    ['duty 45: refuses TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: does not know FOO', `FOO / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: does not know GETX', `GETX / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: methods are case-sensitive', `get / HTTP/1.1\r\n${HOST}\r\n`],
    ['duty 46: does not know PLAY, which the parser knows', `PLAY / HTTP/1.1\r\n${HOST}\r\n`],
  ])('%s', async (_, bytes) => {
    await expectRefusal(bytes, 501, 'METHOD_NOT_IMPLEMENTED');
  });

  it.each([
    ['HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`],
    ['HTTP/3.0', `GET / HTTP/3.0\r\n${HOST}\r\n`],
    ['HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`],
    ['HTTP/0.9', `GET / HTTP/0.9\r\n${HOST}\r\n`],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('duty 47: answers %s with 505', async (_, bytes) => {
    await expectRefusal(bytes, 505, 'HTTP_VERSION_NOT_SUPPORTED');
  });

  it('duty 43: answers a target of another scheme with 421', async () => {
    await expectRefusal(`GET https://a.example/ HTTP/1.1\r\n${HOST}\r\n`, 421, 'MISDIRECTED_REQUEST');
  });

  it('duty 42: takes an absolute-form target apart and ignores Host', async () => {
    const request = await accepted(`GET http://B.example:81/x%2Fy?z HTTP/1.1\r\n${HOST}\r\n`);
    expect(request.target).toBe('/x%2Fy?z');
    expect(request.authority).toBe('b.example:81');
  });

  it('duty 44: takes `OPTIONS *`', async () => {
    const request = await accepted(`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`);
    expect(request.target).toBe('*');
  });

  it('duty 47: takes HTTP/1.0 with and without Host', async () => {
    expect(await accepted('GET / HTTP/1.0\r\n\r\n')).toMatchObject({ httpVersion: '1.0', authority: '' });
    expect(await accepted(`GET / HTTP/1.0\r\n${HOST}\r\n`)).toMatchObject({ authority: 'a.example' });
  });

  it('duty 49: leaves the target byte for byte as sent', async () => {
    const target = '/a/../b//c;d=%2e%2E/%7euser?x=%41&y=a|b"{}\\^`&&';
    expect((await accepted(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`)).target).toBe(target);
  });

  it('answers HEAD of a refused request without a body', async () => {
    await using client = await lane.connect();
    const response = await client.ask('HEAD / HTTP/1.1\r\n\r\n', { toHead: true });
    expect(response.status).toBe(400);
    expect(Number(response.header('content-length'))).toBeGreaterThan(0);
    expect(await client.closed()).toBe('end');
    expect(client.unconsumed.length).toBe(0);
  });

  it('answers in problem+json where the head could be read and asks for it', async () => {
    const response = await (async () => {
      await using client = await lane.connect();
      return await client.ask(`GET /#x HTTP/1.1\r\n${HOST}Accept: application/problem+json\r\n\r\n`);
    })();
    expect(response.header('content-type')).toBe('application/problem+json');
    expect(response.json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it('judges the same whether the bytes come at once or one by one', async () => {
    const cases: [string, number][] = [
      [`FOO / HTTP/1.1\r\n${HOST}\r\n`, 501],
      [`GET / HTTP/3.0\r\n${HOST}\r\n`, 505],
      [`GET / HTTP/1.1\r\n${HOST}X : a\r\n\r\n`, 400],
      [`GET / HTTP/1.1\r\n${HOST}\r\n`, 200],
    ];
    for (const [bytes, status] of cases) {
      await using client = await lane.connect();
      for (const byte of bytes) {
        client.send(byte);
        await new Promise(setImmediate);
      }
      expect((await client.response()).status).toBe(status);
    }
  });
});
