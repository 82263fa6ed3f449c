import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { SMALLEST } from './problems-of.ts';

async function load(content: string | Buffer | null) {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'gateway.yaml');
  if (content !== null) await writeFile(file, content);
  try {
    return { config: loadConfig(file, {}), problems: [], file };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, problems: error.problems, file };
  }
}

describe('a file', () => {
  it('is read', async () => {
    expect((await load(SMALLEST)).config?.routes).toHaveLength(1);
  });

  it('may begin with a byte order mark', async () => {
    expect((await load(`\uFEFF${SMALLEST}`)).problems).toEqual([]);
  });

  it('may be a pipe', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'pipe');
    execFileSync('mkfifo', [file]);
    const written = writeFile(file, SMALLEST);
    expect(loadConfig(file, {}).routes).toHaveLength(1);
    await written;
  });

  it('that is not there is named', async () => {
    const { problems, file } = await load(null);
    expect(problems).toMatchObject([{ code: 'FILE_UNREADABLE', file, place: null }]);
    expect(problems[0]?.message).toContain('does not exist');
  });

  it('cannot be a directory', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gateway.yaml');
    await mkdir(path);
    expect(() => loadConfig(path, {})).toThrow('is a directory');
  });

  it('cannot be larger than 1 MiB', async () => {
    const padding = (size: number) => `${SMALLEST}#${'x'.repeat(size - SMALLEST.length - 1)}`;
    expect((await load(padding(1024 * 1024))).problems).toEqual([]);
    expect((await load(padding(1024 * 1024 + 1))).problems).toMatchObject([{ code: 'FILE_TOO_LARGE' }]);
  });

  it('must be UTF-8, and its first other byte is shown', async () => {
    const latin1 = Buffer.from(`${SMALLEST}# gr\u00fc\u00dfe\n`, 'latin1');
    expect((await load(latin1)).problems).toMatchObject([
      { code: 'NOT_UTF8', place: { line: 3, column: 5 } },
    ]);
    const cut = Buffer.concat([Buffer.from(`${SMALLEST}# `), Buffer.from('€').subarray(0, 2)]);
    expect((await load(cut)).problems).toMatchObject([{ code: 'NOT_UTF8', place: { line: 3 } }]);
  });

  it.each(['utf16le'] as const)('in %s is recognised', async (encoding) => {
    const { problems } = await load(Buffer.from(`\uFEFF${SMALLEST}`, encoding));
    expect(problems[0]?.message).toContain('is UTF-16');
  });

  it('that is empty says what is needed', async () => {
    expect((await load('')).problems).toMatchObject([{ code: 'EMPTY_FILE' }]);
  });
});
