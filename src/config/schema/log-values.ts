import { ValueError } from './value-error.ts';

/**
 * Where a log is appended to. Empty means none, so that an unset variable can stand for it.
 * @throws {ValueError}
 */
export function parseLogFile(text: string): string | null {
  if (/\p{Cc}/u.test(text)) throw new ValueError('must be a path without control characters');
  if (text.endsWith('/')) throw new ValueError('must be the path of a file, not of a folder');
  return text === '' ? null : text;
}

/**
 * The name of a parameter or a header field, whose case says nothing.
 * @throws {ValueError}
 */
export function parseSecretName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(text)) {
    throw new ValueError('must be a name of letters, digits, "-", "_" or ".", such as session_token');
  }
  return text.toLowerCase();
}
