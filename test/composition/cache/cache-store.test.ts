import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ResponseCache } from '../../../src/proxy/cache/response-cache.ts';
import { buildCacheStore } from '../../../src/workers/cache-store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { asking } from '../../unit/proxy/cache/cache-kit.ts';

const repository = join(import.meta.dirname, '../../..');

describe('the store in memory', () => {
  it('is bounded by bytes, and forgets first what was not used for longest', async () => {
    const { store, close } = await buildCacheStore({
      maxBytes: 100_000,
      maxEntryBytes: 50_000,
      redis: null,
    });
    const cache = new ResponseCache({ store, maxEntryBytes: 50_000, name: 'breakwater' });
    const ask = async (path: string) => {
      const place = { upstream: 'a', path, ttlMs: 60_000, serves: true, staleMs: 0 };
      const found = await cache.question(asking(), place)?.find(new AbortController().signal);
      if (found?.kind === 'fetch') {
        found.head(200, 'OK', []);
        found.data(Buffer.alloc(30_000));
        found.end();
        // The store is memory: it is written before the next turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return found?.kind;
    };
    for (const path of ['/1', '/2', '/3']) expect(await ask(path)).toBe('fetch');
    expect(await ask('/1')).toBe('stored');
    expect(await ask('/4')).toBe('fetch');
    expect(await ask('/2')).toBe('fetch');
    expect(await ask('/1')).toBe('stored');
    close();
  });
});

describe('the store in Redis', () => {
  it('says what to install where @redis/client, which is optional, is missing', async () => {
    await using folder = await temporaryFolder();
    cpSync(join(repository, 'src'), join(folder.path, 'src'), { recursive: true });
    cpSync(join(repository, 'package.json'), join(folder.path, 'package.json'));
    mkdirSync(join(folder.path, 'node_modules'));
    const library = 'node_modules/http-cache-semantics';
    symlinkSync(join(repository, library), join(folder.path, library));
    const program = `
      const { buildCacheStore } = await import('./src/workers/cache-store.ts');
      const config = { maxBytes: 1, maxEntryBytes: 1, redis: null };
      await buildCacheStore(config);
      const redis = { url: 'redis://127.0.0.1:1', commandTimeoutMs: 1, prefix: '', failureThreshold: 1, openTimeoutMs: 1 };
      await buildCacheStore({ ...config, redis }).catch((error) => console.log(error.message, error.code, error.cause.code));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`.trim()).toBe(
      'The cache is configured to use Redis, which needs a package that is not installed: npm install @redis/client REDIS_PACKAGE_MISSING ERR_MODULE_NOT_FOUND',
    );
  });
});
