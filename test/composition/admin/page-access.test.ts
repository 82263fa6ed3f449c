import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import { adminBackend } from '../../helpers/admin-backend.ts';
import { callAdmin } from '../../helpers/admin-client.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
mkdirSync(join(folder.path, 'assets'));
writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>the page</title>');
writeFileSync(join(folder.path, 'assets', 'app.js'), 'run();');

const log = { info: () => {}, error: () => {} };
const servers: AdminServer[] = [];

async function admin(token: string | null) {
  const config = { listen: { host: '127.0.0.1', port: 0 }, token };
  const server = new AdminServer({ config, backend: adminBackend(), pageFolder: folder.path, log });
  servers.push(server);
  return server.listen();
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close(1000))));

/** What a browser sends when somebody follows a link of another site. */
const FOLLOWED = {
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
};

describe('the live page', () => {
  it('is there before anybody has logged in, with its files', async () => {
    const address = await admin('secret');
    const index = await callAdmin(address, '/?from=bookmark');
    expect([index.status, index.text]).toEqual([200, '<!doctype html><title>the page</title>']);
    expect(index.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.any(String),
    });
    const script = await callAdmin(address, '/assets/app.js');
    expect([script.status, script.text]).toEqual([200, 'run();']);
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const head = await callAdmin(address, '/assets/app.js', { method: 'HEAD' });
    expect([head.text, head.headers['content-length']]).toEqual(['', '6']);
  });

  it.each([
    '/assets/other.js',
    '/assets/..%2findex.html',
    '/assets/%2e%2e/index.html',
    '/assets/',
    '/assets/__proto__',
  ])('has no file at %s', async (path) => {
    const reply = await callAdmin(await admin('secret'), path);
    expect([reply.status, reply.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }]);
  });

  it.each([
    ['secret', true],
    [null, false],
  ])('finds out whether a token is needed: %s', async (token, required) => {
    const reply = await callAdmin(await admin(token), '/session');
    expect([reply.status, reply.json()]).toEqual([200, { token_required: required }]);
  });

  it('opens nothing else: data needs the token, and so does every other method', async () => {
    const address = await admin('secret');
    for (const path of [
      '/overview',
      '/history',
      '/events',
      '/breakers',
      '/config',
      '/%2e',
      '/assets',
      '/session/',
    ]) {
      expect([path, (await callAdmin(address, path)).status]).toEqual([path, 401]);
    }
    for (const path of ['/', '/session', '/assets/app.js']) {
      expect([path, (await callAdmin(address, path, { method: 'POST' })).status]).toEqual([path, 401]);
    }
  });

  it.each(['secret', null])(
    'is shown to somebody who follows a link of another site (token %s)',
    async (token) => {
      const address = await admin(token);
      const reply = await callAdmin(address, '/', { headers: FOLLOWED });
      expect([reply.status, reply.text]).toEqual([200, '<!doctype html><title>the page</title>']);
    },
  );

  it.each([
    ['the data', '/overview', FOLLOWED],
    ['whether a token is needed', '/session', FOLLOWED],
    ['its files', '/assets/app.js', FOLLOWED],
    ['the page in a frame', '/', { ...FOLLOWED, 'Sec-Fetch-Dest': 'iframe' }],
    ['the page by a script', '/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' }],
    ['the page as a document that nobody navigates to', '/', { ...FOLLOWED, 'Sec-Fetch-Mode': 'cors' }],
    ['the page by no-cors', '/', { ...FOLLOWED, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    ['the page for a site that says its name', '/', { ...FOLLOWED, Origin: 'http://evil.example' }],
  ])('is nothing for another site: not %s', async (_what, path, headers) => {
    for (const token of ['secret', null]) {
      const reply = await callAdmin(await admin(token), path, {
        headers: { ...headers, Authorization: 'Bearer secret' },
      });
      expect([reply.status, reply.json()]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }]);
    }
  });

  it('is not there by a foreign name without a token', async () => {
    const address = await admin(null);
    const reply = await callAdmin(address, '/', { headers: { ...FOLLOWED, Host: 'evil.example' } });
    expect(reply.status).toBe(403);
  });
});
