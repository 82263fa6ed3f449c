import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { type Origins, PolicyPath, type PolicySettings } from '../policies/policy-path.ts';

export type Line = Record<string, unknown>;

/** A gateway before raw upstreams that writes an access log into a file of its own. */
export class AccessPath {
  readonly path: PolicyPath;
  readonly file: string;
  readonly #folder: TemporaryFolder;

  private constructor(path: PolicyPath, file: string, folder: TemporaryFolder) {
    this.path = path;
    this.file = file;
    this.#folder = folder;
  }

  /** @param access further keys of `log.access` */
  static async start(origins: Origins, settings: PolicySettings = {}, access = ''): Promise<AccessPath> {
    const folder = await temporaryFolder();
    const file = join(folder.path, 'access');
    const keys = access === '' ? '' : `, ${access}`;
    const top = `log: { access: { file: '${file}'${keys} } }\n${settings.top ?? ''}`;
    return new AccessPath(await PolicyPath.start(origins, { ...settings, top }), file, folder);
  }

  async written(): Promise<Line[]> {
    const text = await readFile(this.file, 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits until there are so many lines, and gives the last. */
  line(nth = 1): Promise<Line> {
    return eventually(async () => {
      const lines = await this.written();
      if (lines.length < nth) throw new Error(`${lines.length} lines, not ${nth}`);
      return lines[nth - 1] as Line;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.path[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}
