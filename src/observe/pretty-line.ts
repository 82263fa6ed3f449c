import type { LineFormat } from './line-format.ts';
import { LogStartError } from './log-start-error.ts';
import { visibleText } from './visible-text.ts';

/**
 * Lines for a person at a terminal, by pino-pretty, which not every installation has.
 *
 * @throws {LogStartError} `LOG_FORMAT_MISSING`
 */
export async function loadPrettyLine(colors: boolean): Promise<LineFormat> {
  const { prettyFactory } = await loadPackage();
  const pretty = prettyFactory({
    colorize: colors,
    // A code of the access log is called `error`; it is none to unfold.
    errorLikeObjectKeys: ['err'],
    ignore: 'pid,hostname',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return (line) => pretty(visible(JSON.parse(line)) as object);
}

async function loadPackage(): Promise<Pick<typeof import('pino-pretty'), 'prettyFactory'>> {
  try {
    return await import('pino-pretty');
  } catch (error) {
    const message =
      'log.format: pretty needs a package that is not installed; npm install pino-pretty, or use json or logfmt';
    throw new LogStartError('LOG_FORMAT_MISSING', message, error);
  }
}

/** A terminal obeys what it is shown, so nothing in it may be a command: neither in a value nor in a name. */
function visible(value: unknown, name = ''): unknown {
  if (typeof value === 'string')
    return name === 'stack' ? value.split('\n').map(visibleText).join('\n') : visibleText(value);
  if (Array.isArray(value)) return value.map((one) => visible(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visibleText(key), visible(one, key)]));
}
