import { describe, expect, it } from 'vitest';
import { forwardRequestHeaders } from '../../../src/http/forwarded-headers.ts';

interface Facts {
  readonly method?: string;
  readonly remoteAddress?: string;
  readonly authority?: string;
  readonly trusted?: boolean;
}

/** What the upstream gets of these fields, as lines. */
function forwarded(headers: readonly string[], facts: Facts = {}): string[] {
  const { trusted = false, ...request } = facts;
  const list = forwardRequestHeaders(
    {
      method: 'GET',
      headers,
      authority: 'shop.test',
      remoteAddress: '192.0.2.7',
      scheme: 'http',
      httpVersion: '1.1',
      ...request,
    },
    { host: 'upstream:81', via: 'gate', trusted, requestId: 'id-1' },
  );
  return lines(list);
}

function lines(list: readonly string[]): string[] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${list[at + 1]}`] : []));
}

const OURS = [
  'X-Forwarded-For: 192.0.2.7',
  'X-Forwarded-Proto: http',
  'X-Forwarded-Host: shop.test',
  'Forwarded: for=192.0.2.7;host=shop.test;proto=http',
  'Via: 1.1 gate',
  'X-Request-Id: id-1',
];

describe('a request on its way to the upstream', () => {
  it('gets the Host of the upstream and what the gateway says of the client', () => {
    expect(forwarded(['Host', 'shop.test', 'Accept', '*/*'])).toEqual([
      'Host: upstream:81',
      'Accept: */*',
      ...OURS,
    ]);
  });

  it('duty 1: fields of this connection go no further', () => {
    const own = ['Keep-Alive', 'Proxy-Connection', 'TE', 'Transfer-Encoding', 'Upgrade', 'Connection'];
    for (const name of own) {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        expect(forwarded([spelling, 'x'])).toEqual(['Host: upstream:81', ...OURS]);
      }
    }
  });

  it('duty 2: nor do those that Connection nominates, in whatever case, line or list', () => {
    const headers = ['Connection', 'close , X-One,,', 'x-one', '1', 'X-Two', '2', 'connection', 'x-TWO'];
    expect(forwarded([...headers, 'X-Three', '3'])).toEqual(['Host: upstream:81', 'X-Three: 3', ...OURS]);
  });

  it.each([
    'Host',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'Forwarded',
    'Via',
    'X-Request-Id',
  ])('duty 3: nominating %s removes nothing that is ours', (name) => {
    expect(forwarded(['Connection', name])).toEqual(['Host: upstream:81', ...OURS]);
  });

  it('duty 3: nominating Authorization does not remove it', () => {
    expect(forwarded(['Connection', 'authorization', 'Authorization', 'Bearer x'])).toContain(
      'Authorization: Bearer x',
    );
  });

  it('duty 3: nominating Via does not hide where the request has been', () => {
    expect(forwarded(['Connection', 'via', 'Via', '1.1 before'])).toContain('Via: 1.1 before');
  });

  it('duty 4: TE is not passed on, even as a connection option', () => {
    expect(forwarded(['Connection', 'TE', 'TE', 'trailers'])).toEqual(['Host: upstream:81', ...OURS]);
  });

  it('duty 5: credentials for a proxy are not passed on', () => {
    expect(forwarded(['Proxy-Authorization', 'Basic x'])).toEqual(['Host: upstream:81', ...OURS]);
  });

  it('duty 12: fields of one name keep their order', () => {
    expect(forwarded(['X', '1', 'Y', '2', 'x', '3']).slice(1, 4)).toEqual(['X: 1', 'Y: 2', 'x: 3']);
  });

  it('a field named like a property of every object is like any other', () => {
    expect(forwarded(['__proto__', '1', 'Connection', 'constructor', 'constructor', '2'])).toEqual([
      'Host: upstream:81',
      '__proto__: 1',
      ...OURS,
    ]);
  });

  it('framing and expectations are left to who sends it', () => {
    expect(forwarded(['Content-Length', '5', 'Expect', '100-continue', 'Trailer', 'X'])).toEqual([
      'Host: upstream:81',
      ...OURS,
    ]);
  });

  it('a request id of the client is replaced', () => {
    expect(forwarded(['X-Request-Id', 'forged'])).toEqual(['Host: upstream:81', ...OURS]);
  });

  it('duty 51: Via is added behind those of other hops, with the version that was received', () => {
    expect(forwarded(['Via', '1.0 a, 1.1 b']).filter((line) => /^via/i.test(line))).toEqual([
      'Via: 1.0 a, 1.1 b',
      'Via: 1.1 gate',
    ]);
    const old = forwardRequestHeaders(
      {
        method: 'GET',
        headers: [],
        authority: 'a',
        remoteAddress: '::1',
        scheme: 'http',
        httpVersion: '1.0',
      },
      { host: 'u', via: 'gate', trusted: false, requestId: 'i' },
    );
    expect(lines(old)).toContain('Via: 1.0 gate');
  });

  it('duty 52: Max-Forwards is counted down for OPTIONS, and left alone for others', () => {
    expect(forwarded(['Max-Forwards', '5'], { method: 'OPTIONS' })).toContain('Max-Forwards: 4');
    expect(forwarded(['Max-Forwards', '5'])).toContain('Max-Forwards: 5');
  });

  it('duty 57: Upgrade: h2c goes with its settings', () => {
    const headers = ['Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c', 'HTTP2-Settings', 'AAMAAABk'];
    expect(forwarded(headers)).toEqual(['Host: upstream:81', ...OURS]);
    expect(forwarded(['HTTP2-Settings', 'AAMAAABk'])).toEqual(['Host: upstream:81', ...OURS]);
  });
});

describe('duty 58: who a request was forwarded for', () => {
  const CLAIMS = [
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'Forwarded',
    'X-Real-IP',
  ];

  it.each(CLAIMS)('an unknown client cannot claim it: %s, with dashes or underscores', (name) => {
    for (const spelling of [name, name.toUpperCase(), name.replaceAll('-', '_'), name.replace('-', '_')]) {
      expect(forwarded([spelling, '203.0.113.1'])).toEqual(['Host: upstream:81', ...OURS]);
    }
  });

  it('a trusted peer is believed, and its own address is added', () => {
    const headers = ['X-Forwarded-For', '203.0.113.1', 'x-forwarded-for', '203.0.113.2'];
    const more = [
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'www.test',
      'Forwarded',
      'for=203.0.113.1',
    ];
    expect(forwarded([...headers, ...more, 'X-Forwarded-Port', '443'], { trusted: true })).toEqual([
      'Host: upstream:81',
      'X-Forwarded-Port: 443',
      'X-Forwarded-For: 203.0.113.1, 203.0.113.2, 192.0.2.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: www.test',
      'Forwarded: for=203.0.113.1, for=192.0.2.7;host=shop.test;proto=http',
      ...OURS.slice(4),
    ]);
  });

  it.each(['X_Request_Id', 'x-request_id', 'Content_Length', 'Transfer_Encoding', 'Proxy_Authorization'])(
    'an alias of what the gateway writes or deals with itself is not passed on: %s',
    (name) => {
      expect(forwarded([name, '5'])).toEqual(['Host: upstream:81', ...OURS]);
    },
  );

  it('underscores are not believed of a trusted peer either', () => {
    expect(forwarded(['X_Forwarded_For', '203.0.113.1'], { trusted: true })).toEqual([
      'Host: upstream:81',
      ...OURS,
    ]);
  });

  it('RFC 7239 §6: an IPv6 address is bracketed and quoted in Forwarded, and plain in X-Forwarded-For', () => {
    const result = forwarded([], { remoteAddress: '2001:db8::1' });
    expect(result).toContain('X-Forwarded-For: 2001:db8::1');
    expect(result).toContain('Forwarded: for="[2001:db8::1]";host=shop.test;proto=http');
  });

  it('RFC 7239 §4: a host with a port, and one that is an address, are quoted', () => {
    expect(forwarded([], { authority: 'shop.test:8080' })).toContain(
      'Forwarded: for=192.0.2.7;host="shop.test:8080";proto=http',
    );
    expect(forwarded([], { authority: '[::1]' })).toContain(
      'Forwarded: for=192.0.2.7;host="[::1]";proto=http',
    );
  });

  it('RFC 7239 §6.2: an address that is not known any more is "unknown"', () => {
    expect(forwarded([], { remoteAddress: '' })).toContain(
      'Forwarded: for=unknown;host=shop.test;proto=http',
    );
  });

  it('the zone of a link-local address says nothing to another host', () => {
    const result = forwarded([], { remoteAddress: 'fe80::1%eth0' });
    expect(result).toContain('X-Forwarded-For: fe80::1');
    expect(result).toContain('Forwarded: for="[fe80::1]";host=shop.test;proto=http');
  });
});
