import { isToken } from '../../field-names.ts';
import { UpstreamError } from '../../message.ts';

/** Digits and extensions of one chunk: what an extension says is dropped, so a long one only costs. */
const MAX_LINE_BYTES = 4 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const FIRST_DIGIT = 0;
const IN_DIGITS = 1;
const EXTENSION_START = 2;
const IN_NAME = 3;
const IN_VALUE = 4;
const IN_QUOTES = 5;
const ESCAPED = 6;
const AFTER_QUOTES = 7;
const LINE_LF = 8;

const TOKEN = Uint8Array.from({ length: 256 }, (_, code) => (isToken(String.fromCharCode(code)) ? 1 : 0));

/** Values of the hexadecimal digits, which are all that a size has (RFC 9112 §7.1); -1 for what is none. */
const DIGIT = Int8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  return /[0-9A-Fa-f]/.test(char) ? Number.parseInt(char, 16) : -1;
});

/** Reads the line before a chunk from bytes that come in any pieces. */
export class ChunkSizeLine {
  size = 0;
  #state = FIRST_DIGIT;
  #seen = 0;

  begin(): void {
    this.size = 0;
    this.#state = FIRST_DIGIT;
    this.#seen = 0;
  }

  /**
   * Reads on from `at`. Returns where the line has ended, or -1 when all bytes were used and more are to come.
   *
   * @throws {UpstreamError} `protocol`
   */
  read(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const code = bytes[at] as number;
      if (this.#state === LINE_LF) {
        if (code !== LF) throw invalid('its size line does not end in CRLF');
        return at + 1;
      }
      if (++this.#seen > MAX_LINE_BYTES) throw invalid('its size line is too long');
      if (this.#state <= IN_DIGITS) this.#digit(code);
      else this.#extension(code);
    }
    return -1;
  }

  #digit(code: number): void {
    const digit = DIGIT[code] as number;
    if (digit >= 0) {
      this.size = this.size * 16 + digit;
      if (this.size > Number.MAX_SAFE_INTEGER) throw invalid('its size is too large');
      this.#state = IN_DIGITS;
    } else if (this.#state === IN_DIGITS && code === CR) this.#state = LINE_LF;
    else if (this.#state === IN_DIGITS && code === SEMICOLON) this.#state = EXTENSION_START;
    else throw invalid('its size is no hexadecimal number');
  }

  /** RFC 9112 §7.1.1, without the whitespace that no sender may write. */
  #extension(code: number): void {
    switch (this.#state) {
      case EXTENSION_START:
        if (code === CR || code === SPACE) break;
        this.#state = IN_NAME;
        this.#extension(code);
        return;
      case IN_NAME:
        if (TOKEN[code] === 1) return;
        if (code === EQUALS) this.#state = IN_VALUE;
        else if (!this.#after(code)) break;
        return;
      case IN_VALUE:
        if (TOKEN[code] === 1) return;
        if (code === QUOTE) this.#state = IN_QUOTES;
        else if (!this.#after(code)) break;
        return;
      case IN_QUOTES:
        if (code === QUOTE) this.#state = AFTER_QUOTES;
        else if (code === BACKSLASH) this.#state = ESCAPED;
        else if (!isText(code)) break;
        return;
      case ESCAPED:
        if (!isText(code)) break;
        this.#state = IN_QUOTES;
        return;
      default:
        if (!this.#after(code)) break;
        return;
    }
    throw invalid('its extension is not valid');
  }

  #after(code: number): boolean {
    if (code === CR) this.#state = LINE_LF;
    else if (code === SEMICOLON) this.#state = EXTENSION_START;
    else return false;
    return true;
  }
}

function isText(code: number): boolean {
  return code === 0x09 || (code >= SPACE && code !== 0x7f);
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `A chunk of the response body is not valid: ${what}.`);
}
