import { generateKeyPairSync } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callJson } from '../helpers/json-api.ts';
import { type RunningService, startService } from '../helpers/start-service.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

let auth: RunningService;
beforeAll(async () => {
  auth = await startService('auth');
});
afterAll(() => auth[Symbol.asyncDispose]());

const password = 'correct horse battery';
const post = (path: string, body: unknown, url = auth.url) => callJson(`${url}/auth/${path}`, { body });
const me = (token: string, url = auth.url) =>
  callJson(`${url}/auth/me`, { headers: { authorization: `Bearer ${token}` } });

let users = 0;
async function registered(url = auth.url) {
  const email = `user${++users}@example.org`;
  const { body } = await post('register', { email, password, name: 'Ada' }, url);
  return { email, id: body.id as string };
}

async function loggedIn(url = auth.url): Promise<string> {
  const { email } = await registered(url);
  return (await post('login', { email, password }, url)).body.access_token;
}

describe('auth-service', () => {
  it('registers a user, logs in and tells who it is, without ever showing the password', async () => {
    const made = await post('register', { email: ' Ada@Example.ORG ', password, name: 'Ada' });
    expect(made.status).toBe(201);
    expect(Object.keys(made.body).sort()).toEqual(['created_at', 'email', 'id', 'name']);
    expect(made.body.email).toBe('ada@example.org');
    const login = await post('login', { email: 'ADA@example.org', password });
    expect(login.status).toBe(200);
    expect(login.headers.get('cache-control')).toBe('no-store');
    expect(login.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const self = await me(login.body.access_token);
    expect(self.status).toBe(200);
    expect(self.body).toEqual(made.body);
  });

  it('has one user per email, however it is written, also when two register at once', async () => {
    const answers = await Promise.all(
      ['Twin@example.org', 'twin@EXAMPLE.org', ' twin@example.org'].map((email) =>
        post('register', { email, password }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const again = await post('register', { email: 'twin@example.org', password });
    expect(again.status).toBe(409);
    expect(again.body.error.code).toBe('EMAIL_TAKEN');
    const health = await callJson(`${auth.url}/health`);
    expect(health.body.data['auth-database'].circuit_breaker).toMatchObject({
      state: 'CLOSED',
      failure_count: 0,
    });
  });

  it('answers a wrong password and an unknown user alike', async () => {
    const { email } = await registered();
    const wrong = await post('login', { email, password: 'wrong' });
    const unknown = await post('login', { email: 'nobody@example.org', password: 'wrong' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect({ ...wrong.body.error, request_id: '' }).toEqual({ ...unknown.body.error, request_id: '' });
    expect(wrong.body.error.code).toBe('INVALID_CREDENTIALS');
  });

  it('lists every field that is wrong', async () => {
    const answer = await post('register', { email: 'nobody', password: 'short', admin: true });
    expect(answer.status).toBe(400);
    expect(answer.body.error.fields.map(({ field }: { field: string }) => field)).toEqual([
      'email',
      'password',
      'admin',
    ]);
  });

  it('refuses a flood of logins with 429, of unknown users as well as of known ones, and works afterwards', async () => {
    const { email } = await registered();
    const flood = (address: string) =>
      Array.from({ length: 150 }, () => post('login', { email: address, password: 'wrong' }));
    const [known, unknown] = await Promise.all([
      Promise.all(flood(email)),
      Promise.all(flood('nobody@example.org')),
    ]);
    // An unknown user is refused too only because it costs as much: the time must not tell who is registered.
    for (const answers of [known, unknown]) {
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused[0]?.body.error.code).toBe('OVERLOADED');
      expect(refused[0]?.headers.get('retry-after')).toBe('1');
      expect(answers.filter(({ status }) => status !== 429 && status !== 401)).toEqual([]);
    }
    expect((await post('login', { email, password })).status).toBe(200);
  }, 60_000);
});

describe('tokens', () => {
  it('are EdDSA JWTs that anybody can check with the published keys', async () => {
    const token = await loggedIn();
    const [jwks, wellKnown] = await Promise.all(
      ['jwks', '.well-known/jwks.json'].map((path) => callJson(`${auth.url}/auth/${path}`)),
    );
    expect(wellKnown?.body).toEqual(jwks?.body);
    expect(JSON.stringify(jwks?.body)).not.toContain('"d"');
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks?.body), {
      issuer: 'breakwater-auth',
      audience: 'breakwater',
    });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: jwks?.body.keys[0].kid });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  const now = Math.floor(Date.now() / 1000);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const forged = (alg: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({})
      .setProtectedHeader({ alg, typ: 'JWT' })
      .setSubject('someone')
      .setIssuer('breakwater-auth')
      .setAudience('breakwater')
      .setIssuedAt(now)
      .setExpirationTime(now + 600)
      .sign(key);

  it('are refused when missing, malformed, of another key or of another algorithm', async () => {
    const missing = await callJson(`${auth.url}/auth/me`);
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    const { keys } = (await callJson(`${auth.url}/auth/jwks`)).body;
    const [header, payload, signature] = (await loggedIn()).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const refused = [
      'rubbish',
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.${signature?.slice(0, -4)}AAAA`,
      await forged('EdDSA', stranger),
      // The public key as the secret of a MAC.
      await forged('HS256', new TextEncoder().encode(keys[0].x)),
    ];
    for (const token of refused) {
      const answer = await me(token);
      expect(answer.status, token).toBe(401);
      expect(answer.body.error.code).toBe('UNAUTHENTICATED');
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  it.each([{ TOKEN_ISSUER: 'another' }, { TOKEN_AUDIENCE: 'another' }])(
    'are refused when they name another issuer or audience (%o)',
    async (env) => {
      await using folder = await temporaryFolder();
      const DATA_DIR = folder.path;
      await using ours = await startService('auth', { DATA_DIR });
      await using other = await startService('auth', { DATA_DIR, ...env });
      const token = await loggedIn(other.url);
      expect((await me(token, other.url)).status).toBe(200);
      expect((await me(token, ours.url)).status).toBe(401);
    },
  );

  it('are refused when they have expired', async () => {
    await using folder = await temporaryFolder();
    await using shortLived = await startService('auth', { DATA_DIR: folder.path, TOKEN_LIFETIME: '1s' });
    const token = await loggedIn(shortLived.url);
    await expect.poll(async () => (await me(token, shortLived.url)).status, { timeout: 15_000 }).toBe(401);
  });
});

describe('DATA_DIR', () => {
  it('keeps users and the signing key, which only its owner may read', async () => {
    await using folder = await temporaryFolder();
    await using first = await startService('auth', { DATA_DIR: join(folder.path, 'new') });
    const token = await loggedIn(first.url);
    await first.process.kill('SIGKILL');
    await using second = await startService('auth', { DATA_DIR: join(folder.path, 'new') });
    expect((await me(token, second.url)).status).toBe(200);
    const key = join(folder.path, 'new', 'signing-key.pem');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect(await readFile(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('holds passwords only as argon2id, or scrypt where the runtime has no argon2', async () => {
    await using folder = await temporaryFolder();
    await using service = await startService('auth', { DATA_DIR: folder.path });
    await registered(service.url);
    using database = new DatabaseSync(join(folder.path, 'auth.sqlite'), { readOnly: true });
    const row = database.prepare('SELECT password_hash FROM users').get();
    expect(row?.password_hash).toMatch(/^\$(argon2id\$v=19\$m=19456,t=2,p=1|scrypt\$ln=15,r=8,p=3)\$/);
  });

  it('with a key of another kind stops the start and says what to do', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'rsa.pem');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(startService('auth', { SIGNING_KEY_FILE: file })).rejects.toThrow(
      /no Ed25519 key; make one with/,
    );
  });
});
