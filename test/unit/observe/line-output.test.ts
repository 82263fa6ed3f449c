import { existsSync } from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LineOutput } from '../../../src/observe/line-output.ts';
import { eventually } from '../../helpers/eventually.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('a file of lines', () => {
  it('is appended to, readable for its owner and group, and has all lines when it is closed', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'log');
    const before = process.listenerCount('SIGHUP');
    for (const text of ['one\n', 'two\n']) {
      const output = LineOutput.file(path);
      expect(output.write(text)).toBe(true);
      await output.close();
    }
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
    expect((await stat(path)).mode & 0o007).toBe(0);
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it('that cannot be written any more says so once, and neither throws nor holds up the end', async () => {
    const failures: Error[] = [];
    const output = LineOutput.file('/dev/full', (error) => failures.push(error));
    output.write('one\n');
    await eventually(() => expect(failures).toHaveLength(1));
    output.write('two\n');
    await output.close();
    expect(failures.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC']);
  });

  it('is made anew on SIGHUP after it was moved, and no line is lost', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'log');
    const output = LineOutput.file(path);
    output.write('one\n');
    await eventually(async () => expect(await readFile(path, 'utf8')).toBe('one\n'));
    await rename(path, `${path}.1`);
    process.kill(process.pid, 'SIGHUP');
    output.write('two\n');
    await eventually(() => expect(existsSync(path)).toBe(true));
    output.write('three\n');
    await output.close();
    const [old, fresh] = await Promise.all([readFile(`${path}.1`, 'utf8'), readFile(path, 'utf8')]);
    expect(old + fresh).toBe('one\ntwo\nthree\n');
    expect(fresh).toContain('three\n');
  });

  it('that is closed takes no more, and says so without an error', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'log');
    const output = LineOutput.file(path);
    await output.close();
    expect(output.write('late\n')).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('');
  });

  it('that cannot be written is a reason not to start', () => {
    expect(() => LineOutput.file('/nowhere/at/all')).toThrow(
      expect.objectContaining({
        code: 'LOG_FILE_FAILED',
        message: expect.stringContaining('/nowhere/at/all'),
      }),
    );
  });

  it.runIf(existsSync('/dev/full'))(
    'on a full disk keeps 4 MiB, says of the rest that it has no room, and does not hold up the end',
    async () => {
      const output = LineOutput.file('/dev/full');
      const line = `${'x'.repeat(1024 * 1024 - 1)}\n`;
      const written = Array.from({ length: 6 }, () => output.write(line));
      expect(written).toEqual([true, true, true, true, false, false]);
      await output.close();
    },
  );
});
