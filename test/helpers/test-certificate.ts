import { generateKeyPairSync, randomInt, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A self-signed certificate for the names and addresses given, made anew for each test run; valid for a day. */
export function testCertificate(...names: string[]): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaSha256 = sequence(oid('2a8648ce3d040302'));
  const serial = randomInt(1, 2 ** 40);
  // A name of its own: of two authorities with one name only one would be looked at.
  const name = sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from(`test ${serial}`)))));
  const day = 86_400_000;
  const extensions = sequence(
    sequence(oid('551d11'), octets(sequence(...names.map(alternativeName)))),
    // A certificate authority, so that it can be trusted by itself.
    sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), octets(sequence(der(0x01, Buffer.from([0xff]))))),
  );
  const body = sequence(
    der(0xa0, integer(2)),
    integer(serial),
    ecdsaSha256,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const cert = sequence(body, ecdsaSha256, signature)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${cert}-----END CERTIFICATE-----\n`,
  };
}

/** X.690: tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => der(0x31, Buffer.concat(parts));
const octets = (content: Buffer): Buffer => der(0x04, content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

function integer(value: number): Buffer {
  const bytes = Buffer.from(value.toString(16).padStart(10, '0'), 'hex');
  const first = bytes.findIndex((byte) => byte !== 0);
  const minimal = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  // A leading one would make it negative.
  return der(0x02, (minimal[0] as number) >= 0x80 ? Buffer.concat([Buffer.from([0]), minimal]) : minimal);
}

function time(unixMs: number): Buffer {
  const text = new Date(unixMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split('.').map(Number)));
  return der(0x82, Buffer.from(name));
}
