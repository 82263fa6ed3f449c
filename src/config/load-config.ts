import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ConfigError, type ConfigProblemCode } from './config-error.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseConfig } from './parse-config.ts';
import { Places } from './places.ts';
import type { Environment } from './yaml/environment-references.ts';

/** Bytes. A thousand routes take about 100 KiB. */
const MAX_FILE_SIZE = 1024 * 1024;

/**
 * Reads, checks and completes a configuration file.
 *
 * @returns deeply frozen
 * @throws {ConfigError} with every mistake in it
 */
export function loadConfig(file: string, env: Environment): GatewayConfig {
  return parseConfig(decode(file, readFile(file)), { file, env });
}

function readFile(file: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    if (fstatSync(descriptor).isDirectory()) {
      throw failure(file, 'FILE_UNREADABLE', 'is a directory; give the file in it');
    }
    return readAtMost(file, descriptor);
  } catch (error) {
    throw error instanceof ConfigError ? error : unreadable(file, error);
  } finally {
    closeSync(descriptor);
  }
}

/** The size that the file system reports says nothing about pipes, and may be old: what counts is what is read. */
function readAtMost(file: string, descriptor: number): Buffer {
  const buffer = Buffer.allocUnsafe(MAX_FILE_SIZE + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > MAX_FILE_SIZE) {
      throw failure(file, 'FILE_TOO_LARGE', 'is larger than 1 MiB, the most that a configuration may be');
    }
  }
}

function decode(file: string, bytes: Buffer): string {
  const utf16 = bytes.length >= 2 && (bytes.readUInt16BE(0) === 0xfffe || bytes.readUInt16BE(0) === 0xfeff);
  if (utf16) throw failure(file, 'NOT_UTF8', 'is UTF-16; save it as UTF-8');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // Latin-1 takes every byte for a character, so that offsets are those of the bytes.
  const places = new Places(bytes.toString('latin1'));
  const place = places.place([firstBadByte(bytes), 0]);
  const text = place.text.replace(/[^\x20-\x7e]/g, '?');
  throw new ConfigError([
    {
      code: 'NOT_UTF8',
      message: 'the file is not UTF-8 from here on; save it as UTF-8',
      file,
      place: { ...place, length: 1, text },
      hint: null,
    },
  ]);
}

/** The longest beginning that is UTF-8 can only be cut within a character, four bytes at most. */
function firstBadByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefixOfUtf8(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isPrefixOfUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function unreadable(file: string, error: unknown): ConfigError {
  const code = (error as NodeJS.ErrnoException).code;
  const reason =
    code === 'ENOENT'
      ? 'does not exist; name another one with -c'
      : code === 'EACCES'
        ? 'may not be read by this user'
        : `cannot be read (${code ?? String(error)})`;
  return failure(file, 'FILE_UNREADABLE', reason, error);
}

function failure(file: string, code: ConfigProblemCode, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ code, message, file, place: null, hint: null }], cause);
}
