import * as crypto from 'node:crypto';
import { promisify } from 'node:util';

/** How a password was hashed. Stored with the hash, so that all kinds stay verifiable side by side. */
type Encoded =
  | { kind: 'argon2id'; memoryKiB: number; passes: number; parallelism: number; salt: Buffer; hash: Buffer }
  | { kind: 'scrypt'; log2N: number; r: number; p: number; salt: Buffer; hash: Buffer };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. About 20 ms and 19 MiB each. */
const ARGON2ID = { memoryKiB: 19_456, passes: 2, parallelism: 1 };
/** The same source, for a runtime without argon2: N = 2^15, r = 8, p = 3, which takes 32 MiB. */
const SCRYPT = { log2N: 15, r: 8, p: 3 };
/** A stored hash that asks for more memory than this was not written by this program. */
const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;

const scrypt = promisify<string, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt);

/** `crypto.argon2` came with Node 24.7. */
export const hasArgon2 = typeof crypto.argon2 === 'function';

/** RFC 8265: the same password typed on two keyboards is the same text. */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

async function derive(password: string, parameters: Encoded): Promise<Buffer> {
  const { salt, hash } = parameters;
  if (parameters.kind === 'scrypt') {
    const { r, p } = parameters;
    const options = { N: 2 ** parameters.log2N, r, p, maxmem: MEMORY_LIMIT_BYTES };
    return scrypt(normalise(password), salt, hash.length, options);
  }
  return promisify(crypto.argon2)('argon2id', {
    message: normalise(password),
    nonce: salt,
    memory: parameters.memoryKiB,
    passes: parameters.passes,
    parallelism: parameters.parallelism,
    tagLength: hash.length,
  });
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** The PHC string format, https://github.com/P-H-C/phc-string-format */
function encode(value: Encoded): string {
  const parameters =
    value.kind === 'argon2id'
      ? `v=19$m=${value.memoryKiB},t=${value.passes},p=${value.parallelism}`
      : `ln=${value.log2N},r=${value.r},p=${value.p}`;
  return `$${value.kind}$${parameters}$${base64(value.salt)}$${base64(value.hash)}`;
}

const argon2idFormat = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;
const scryptFormat = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

function decode(encoded: string): Encoded {
  const argon2id = argon2idFormat.exec(encoded);
  const match = argon2id ?? scryptFormat.exec(encoded);
  if (!match) throw new Error('a stored password hash has an unknown format');
  const [a, b, c] = match.slice(1, 4).map(Number) as [number, number, number];
  const salt = Buffer.from(match[4] ?? '', 'base64');
  const hash = Buffer.from(match[5] ?? '', 'base64');
  const memory = argon2id ? a * 1024 : 128 * 2 ** a * b;
  if (memory > MEMORY_LIMIT_BYTES) throw new Error('a stored password hash asks for too much memory');
  return argon2id
    ? { kind: 'argon2id', memoryKiB: a, passes: b, parallelism: c, salt, hash }
    : { kind: 'scrypt', log2N: a, r: b, p: c, salt, hash };
}

/** Hashes with argon2id, or with scrypt where the runtime has no argon2. */
export async function hashPassword(
  password: string,
  kind = hasArgon2 ? 'argon2id' : 'scrypt',
): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES);
  const hash = Buffer.alloc(HASH_BYTES);
  const parameters: Encoded =
    kind === 'argon2id'
      ? { kind: 'argon2id', ...ARGON2ID, salt, hash }
      : { kind: 'scrypt', ...SCRYPT, salt, hash };
  return encode({ ...parameters, hash: await derive(password, parameters) });
}

/**
 * @throws Error when the stored text is no hash of this program, or is argon2id on a runtime without it
 */
export async function verifyPassword(password: string, encoded: string): Promise<boolean> {
  const parameters = decode(encoded);
  return crypto.timingSafeEqual(await derive(password, parameters), parameters.hash);
}
