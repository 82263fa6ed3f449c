import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAdmin } from '../../../../src/cli/admin/find-admin.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../helpers/temporary-folder.ts';
import { FakeIo } from '../fake-io.ts';

let folder: TemporaryFolder;
let config: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  config = join(folder.path, 'gateway.yaml');
});

afterEach(() => folder[Symbol.asyncDispose]());

async function withAdmin(admin: string): Promise<void> {
  await writeFile(
    config,
    `${admin}\nupstreams: { api: { targets: [http://a:1] } }\nroutes: [{ path: /*, upstream: api }]\n`,
  );
}

function found(options: { admin?: string; configNamed?: boolean } = {}, env = {}) {
  return findAdmin({ config, configNamed: false, ...options }, new FakeIo(env));
}

describe('where the gateway is', () => {
  it.each([
    ['127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['"[::1]:9000"', 'http://[::1]:9000'],
    ['0.0.0.0:9000', 'http://127.0.0.1:9000'],
    ['":9000"', 'http://127.0.0.1:9000'],
    ['"[::]:9000"', 'http://[::1]:9000'],
    ['"[0:0::0]:9000"', 'http://[::1]:9000'],
    ['gw.internal:9000', 'http://gw.internal:9000'],
  ])('admin.listen %s means %s', async (listen, url) => {
    await withAdmin(`admin: { listen: ${listen}, token: abc }`);
    expect(await found()).toEqual({ url, token: 'abc', hint: null });
  });

  it('is the usual place without a configuration, which is said when nobody listens there', async () => {
    expect(await found()).toMatchObject({ url: 'http://127.0.0.1:9901', token: null });
    expect((await found()).hint).toContain('there is no');
    await withAdmin('');
    expect((await found()).hint).toContain('has no "admin" section');
  });

  it.each([
    ['http://gw:9000', 'http://gw:9000'],
    ['gw:9000', 'http://gw:9000'],
    ['https://gw.example/ops/', 'https://gw.example/ops'],
    ['http://[::1]:9000/', 'http://[::1]:9000'],
  ])('is where --admin %s says', async (admin, url) => {
    await withAdmin('admin: { listen: 127.0.0.1:9000, token: abc }');
    expect(await found({ admin })).toEqual({ url, token: null, hint: null });
  });

  it.each(['ftp://gw', 'http://', 'http://gw/?x=1', 'http://user:s3cret@gw', '::', '9901'])(
    'is not %s, and a secret in it is not repeated',
    async (admin) => {
      const error = await found({ admin }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'BAD_ADDRESS' });
      expect((error as Error).message).not.toContain('s3cret');
    },
  );

  it('wants the port, and an admin section where the configuration was named', async () => {
    await withAdmin('admin: { listen: 127.0.0.1:0 }');
    await expect(found()).rejects.toMatchObject({ code: 'NO_ADMIN' });
    await withAdmin('');
    await expect(found({ configNamed: true })).rejects.toMatchObject({ code: 'NO_ADMIN' });
  });

  it('needs a configuration that can be read, and says that --admin goes without', async () => {
    await writeFile(config, 'routes: 5\n');
    const io = new FakeIo();
    await expect(findAdmin({ config, configNamed: false }, io)).rejects.toMatchObject({
      problems: expect.anything(),
    });
    expect(io.stderr).toContain('--admin');
    expect(await found({ admin: 'http://gw:1' })).toMatchObject({ url: 'http://gw:1' });
  });
});

describe('the token', () => {
  it('is that of the environment, else that of the configuration', async () => {
    await withAdmin('admin: { listen: 127.0.0.1:9000, token: abc }');
    expect((await found()).token).toBe('abc');
    expect((await found({}, { BREAKWATER_ADMIN_TOKEN: 'env' })).token).toBe('env');
    expect((await found({}, { BREAKWATER_ADMIN_TOKEN: '' })).token).toBe('abc');
  });

  it('of a configuration that was not named is told to no other address', async () => {
    await withAdmin('admin: { listen: 127.0.0.1:9000, token: abc }');
    expect((await found({ admin: 'http://gw:1' })).token).toBeNull();
    expect((await found({ admin: 'http://gw:1', configNamed: true })).token).toBe('abc');
    expect((await found({ admin: 'http://gw:1' }, { BREAKWATER_ADMIN_TOKEN: 'env' })).token).toBe('env');
  });

  it('that cannot stand in a header is refused, and not repeated', async () => {
    const error = await found({}, { BREAKWATER_ADMIN_TOKEN: 'se\ncret' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect((error as Error).message).not.toContain('se\ncret');
  });
});
