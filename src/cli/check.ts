import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CommandIo } from './command-io.ts';
import { describeConfig } from './describe-config.ts';
import { printConfigError } from './print-config-error.ts';
import { paletteFor } from './terminal/palette.ts';

/**
 * `breakwater check`.
 * @param print whether to say as well what the requests of each route pass through
 * @returns the exit code: 0 when the file is right, 1 when it is not
 */
export function check(file: string, print: boolean, io: CommandIo): number {
  try {
    const config = loadConfig(file, io.env);
    const palette = paletteFor(io.outScreen, io.env);
    io.out(`${file} is right\n${describeConfig(config, { pipelines: print, palette })}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printConfigError(error, io);
    return 1;
  }
}
