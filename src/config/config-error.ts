import { renderProblem } from './render-problem.ts';

/** What kind of mistake it is; docs/configuration.md says what each means. */
export const CONFIG_PROBLEM_CODES = [
  'FILE_UNREADABLE',
  'FILE_TOO_LARGE',
  'NOT_UTF8',
  'EMPTY_FILE',
  'INVALID_YAML',
  'DUPLICATE_KEY',
  'FORBIDDEN_KEY',
  'MISSING_VARIABLE',
  'INVALID_REFERENCE',
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'INVALID_VALUE',
  'UNKNOWN_UPSTREAM',
  'UNKNOWN_PROFILE',
  'UNKNOWN_BULKHEAD',
  'DUPLICATE_ROUTE',
  'DUPLICATE_BREAKER',
  'DUPLICATE_TARGET',
  'ADMIN_WITHOUT_TOKEN',
  'SAME_PORT',
  'INVALID_VARIABLE',
] as const;

export type ConfigProblemCode = (typeof CONFIG_PROBLEM_CODES)[number];

/** Where in the file, counted from 1; `length` characters from there are meant. */
export interface ConfigPlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line as it stands in the file, without its end. */
  readonly text: string;
}

export interface ConfigProblem {
  readonly code: ConfigProblemCode;
  readonly message: string;
  readonly file: string;
  /** Null when the file could not be read at all, or is not where the mistake is. */
  readonly place: ConfigPlace | null;
  /** Something that helps but is no part of the mistake, such as which variable the value came from. */
  readonly hint: string | null;
}

/** The configuration cannot be used. `problems` are all mistakes found, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'INVALID_CONFIG';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], cause?: unknown) {
    super(problems.map(renderProblem).join('\n\n'), { cause });
    this.problems = problems;
  }
}
