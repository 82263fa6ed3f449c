import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { notFound, readJson, serveJson } from './json-server.ts';

/** Logs in whoever has registered since the start, and knows its own tokens. */

const key = randomBytes(32);
const users = new Map<string, { readonly salt: Buffer; readonly hash: Buffer }>();

const sign = (name: string): string => createHmac('sha256', key).update(name).digest('base64url');
const hashOf = (password: string, salt: Buffer): Buffer => scryptSync(password, salt, 32, { N: 1024 });

serveJson(9003, async ({ pathname }, request) => {
  if (request.method !== 'POST') return notFound;
  const { name, password } = await readJson(request);
  if (typeof name !== 'string' || typeof password !== 'string') {
    return { status: 400, body: { error: 'name and password are required' } };
  }
  const user = users.get(name);
  if (pathname === '/auth/register') {
    if (user !== undefined) return { status: 409, body: { error: 'name is taken' } };
    const salt = randomBytes(16);
    users.set(name, { salt, hash: hashOf(password, salt) });
    return { status: 201, body: { name } };
  }
  if (pathname !== '/auth/login') return notFound;
  if (user === undefined || !timingSafeEqual(user.hash, hashOf(password, user.salt))) {
    return { status: 401, body: { error: 'name or password is wrong' } };
  }
  return { status: 200, body: { token: `${Buffer.from(name).toString('base64url')}.${sign(name)}` } };
});
