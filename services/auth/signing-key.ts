import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** What the world may know. */
  readonly publicJwk: JWK;
}

/**
 * The Ed25519 key that signs tokens, as PKCS #8 PEM.
 *
 * @param file made with mode 0600 when it does not exist; null: a new key that is gone with the process
 * @throws Error when the file holds anything else
 */
export async function loadSigningKey(file: string | null): Promise<SigningKey> {
  const privateKey = file === null ? generate() : readOrMake(file);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(`${file} holds no Ed25519 key; make one with: openssl genpkey -algorithm ed25519`);
  }
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicKey, kid, publicJwk: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } };
}

function generate(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

function readOrMake(file: string): KeyObject {
  const existing = read(file);
  if (existing) return existing;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Written beside and linked: the name never shows half a key, and of two processes that start at the
  // same moment one wins and both use its key.
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, generate().export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return createPrivateKey(readFileSync(file));
}

function read(file: string): KeyObject | null {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file} is not a readable private key in PEM`, { cause: error });
  }
}
