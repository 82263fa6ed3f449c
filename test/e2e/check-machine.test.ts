import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../tools/check-machine.sh', import.meta.url));
const folders: string[] = [];

/** A machine whose PATH holds these programs, each of which says only its version. */
async function machine(versions: Record<string, string>): Promise<{ status: number | null; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-machine-'));
  folders.push(folder);
  await symlink('/bin/bash', join(folder, 'bash'));
  for (const [name, version] of Object.entries(versions)) {
    await writeFile(join(folder, name), `#!/bin/bash\necho ${version}\n`, { mode: 0o755 });
  }
  return spawnSync('/bin/bash', [script], { env: { PATH: folder }, encoding: 'utf8' });
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('the check before the installation', () => {
  it.each([
    ['no Node.js', {}, 'Node.js is missing'],
    ['no npm', { node: 'v20.1.0' }, 'npm is missing'],
    ['an old Node.js', { node: 'v18.20.0', npm: '10.0.0' }, 'Node.js 18.20.0'],
    ['an old npm', { node: 'v20.1.0', npm: '9.9.9' }, 'npm 9.9.9'],
  ])('names %s and what is needed', async (_case, versions, message) => {
    const { status, stderr } = await machine(versions);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  it('lets any Node.js from 20 and npm from 10 pass', async () => {
    expect(await machine({ node: 'v20.0.0', npm: '10.0.0' })).toMatchObject({ status: 0, stderr: '' });
    expect(await machine({ node: 'v30.1.0', npm: '12.0.0' })).toMatchObject({ status: 0 });
  });
});
