import type { LogConfig } from '../../config/gateway-config.ts';
import type { DroppedLines } from '../dropped-lines.ts';
import { type LineFormat, loadLineFormat } from '../line-format.ts';
import { LineOutput } from '../line-output.ts';
import type { Logger } from '../log.ts';
import { AccessDrops } from './access-drops.ts';

export interface AccessOutputOptions {
  /** Null: JSON. */
  readonly format: LineFormat | null;
  readonly drops: AccessDrops;
}

/** Where the lines of all threads leave the process, in their format, never torn. */
export class AccessOutput {
  readonly #output: Pick<LineOutput, 'write' | 'close'>;
  readonly #format: LineFormat | null;
  readonly #drops: AccessDrops;

  constructor(output: Pick<LineOutput, 'write' | 'close'>, { format, drops }: AccessOutputOptions) {
    this.#output = output;
    this.#format = format;
    this.#drops = drops;
  }

  /**
   * @param colors of standard output, in the format `pretty`
   * @returns null: there is no access log
   * @throws {LogStartError}
   */
  static async open(
    { format, access }: LogConfig,
    { log, dropped, colors }: { log: Logger; dropped: DroppedLines; colors: boolean },
  ): Promise<AccessOutput | null> {
    if (access === null) return null;
    const inFile = access.file !== null;
    const lineFormat = await loadLineFormat(format, colors && !inFile);
    const output =
      access.file === null
        ? LineOutput.standard()
        : LineOutput.file(access.file, (err) =>
            log.warn(
              { event: 'access_log_failing', err },
              'the access log cannot be written; lines wait, up to 4 MiB',
            ),
          );
    return new AccessOutput(output, { format: lineFormat, drops: new AccessDrops(dropped, log) });
  }

  /** @param lines whole ones, of JSON */
  write(lines: string): void {
    const text = this.#format === null ? lines : formatted(lines, this.#format);
    if (this.#output.write(text)) this.#drops.written();
    else this.#drops.dropped(lines);
  }

  /** Writes what waits, as long as that goes on. */
  async close(): Promise<void> {
    this.#drops.tell();
    await this.#output.close();
  }
}

function formatted(lines: string, format: LineFormat): string {
  let text = '';
  let start = 0;
  for (let end = lines.indexOf('\n'); end !== -1; end = lines.indexOf('\n', start)) {
    text += format(lines.slice(start, end));
    start = end + 1;
  }
  return text;
}
