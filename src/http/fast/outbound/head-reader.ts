import { type FieldInfo, fieldInfoAt } from '../../field-info.ts';
import { isFieldValue, isToken } from '../../field-names.ts';
import { UpstreamError } from '../../message.ts';

/** Of a response head with its status line, and of trailers: more is refused. */
export const MAX_HEAD_BYTES = 64 * 1024;
/** Fields of one head, or of trailers: more than this is no answer but an attack on our memory. */
export const MAX_FIELDS = 512;

const TOKEN = 1;
const VALUE = 2;

/** What each octet may be part of: a field's name, its value. */
const KIND = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (isToken(char) ? TOKEN : 0) | (isFieldValue(char) ? VALUE : 0);
});

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const ZERO = 0x30;

/** The states that begin with IN_ are left by no single octet in most heads. */
const IN_VERSION = 0;
const AFTER_STATUS = 1;
const IN_REASON = 2;
const STATUS_LINE_LF = 3;
const LINE_START = 4;
const IN_NAME = 5;
const BEFORE_VALUE = 6;
const IN_VALUE = 7;
const FIELD_LF = 8;
const LAST_LF = 9;

const VERSION = Buffer.from('HTTP/1.');
/** Where the minor version, the status and what follows them are in a status line. */
const MINOR_AT = 7;
const STATUS_AT = 9;
const STATUS_END = 12;

const NOTHING = Buffer.alloc(0);

/**
 * Reads a response head, or trailers, from bytes that come in any pieces: one step per octet, so that what is not valid is
 * found at its first octet and however it is cut. Nothing is taken that two readers could take differently: every line
 * ends in CRLF, no line continues another (RFC 9112 §5.2), no space before a colon (§5.1).
 */
export class HeadReader {
  /** 0 or 1. */
  minorVersion = 0;
  status = 0;
  #text = '';
  /** For each field the begin and the end of its name and of its value, in the text. */
  readonly #places: number[] = [];
  #placed = 0;
  #reasonAt = 0;
  #reasonEnd = 0;
  #state = IN_VERSION;
  /** Octets of this head that have been looked at. */
  #seen = 0;
  /** Those of earlier pieces, in the first `#seen` bytes. */
  #held = NOTHING;

  beginHead(): void {
    this.#begin(IN_VERSION);
    this.status = 0;
  }

  beginTrailers(): void {
    this.#begin(LINE_START);
  }

  /**
   * Reads on from `at`. Returns where the head has ended, or -1 when all bytes were used and more are to come.
   *
   * @throws {UpstreamError} `protocol`
   */
  read(bytes: Buffer, at: number): number {
    const before = this.#seen;
    const end = this.#scan(bytes, at);
    if (end !== -1 && before === 0) {
      this.#text = bytes.toString('latin1', at, end);
    } else {
      this.#hold(bytes, at, before);
      if (end === -1) return -1;
      this.#text = this.#held.toString('latin1', 0, this.#seen);
      this.#held = NOTHING;
    }
    return end;
  }

  get reason(): string {
    return this.#text.slice(this.#reasonAt, this.#reasonEnd);
  }

  /** How many fields there are. */
  get fieldCount(): number {
    return this.#placed >> 2;
  }

  /** @param field from 0 */
  name(field: number): string {
    return this.#text.slice(this.#places[field * 4], this.#places[field * 4 + 1]);
  }

  /** What is to be known of a field by its name, which is a token. */
  info(field: number): FieldInfo | null {
    const at = field * 4;
    return fieldInfoAt(this.#text, this.#places[at] as number, this.#places[at + 1] as number);
  }

  /** As received, without the whitespace before it. */
  received(field: number): string {
    return this.#text.slice(this.#places[field * 4 + 2], this.#places[field * 4 + 3]);
  }

  /** Without the whitespace around it (RFC 9110 §5.5). */
  value(field: number): string {
    const start = this.#places[field * 4 + 2] as number;
    let end = this.#places[field * 4 + 3] as number;
    while (end > start && isBlank(this.#text.charCodeAt(end - 1))) end--;
    return this.#text.slice(start, end);
  }

  #begin(state: number): void {
    this.#state = state;
    this.#seen = 0;
    this.#placed = 0;
    this.#reasonAt = 0;
    this.#reasonEnd = 0;
  }

  /** Keeps the bytes that have just been seen; twice the room each time, so that no piece costs a copy of all. */
  #hold(bytes: Buffer, at: number, before: number): void {
    if (this.#held.length < this.#seen) {
      const held = Buffer.allocUnsafe(Math.max(1_024, this.#seen * 2));
      this.#held.copy(held, 0, 0, before);
      this.#held = held;
    }
    bytes.copy(this.#held, before, at, at + this.#seen - before);
  }

  #scan(bytes: Buffer, from: number): number {
    const shift = this.#seen - from;
    const end = Math.min(bytes.length, MAX_HEAD_BYTES - shift);
    let state = this.#state;
    for (let at = from; at < end; at++) {
      const code = bytes[at] as number;
      switch (state) {
        case IN_VALUE:
          if (((KIND[code] as number) & VALUE) !== 0) continue;
          if (code !== CR) throw invalid('a field value has a control character');
          this.#place(at + shift);
          state = FIELD_LF;
          continue;
        case IN_NAME:
          if (((KIND[code] as number) & TOKEN) !== 0) continue;
          if (code !== COLON) throw invalid('a field name has a character that is none of a token');
          this.#place(at + shift);
          state = BEFORE_VALUE;
          continue;
        case BEFORE_VALUE:
          if (code === SPACE || code === TAB) continue;
          this.#place(at + shift);
          if (code === CR) {
            this.#place(at + shift);
            state = FIELD_LF;
          } else if (((KIND[code] as number) & VALUE) !== 0) state = IN_VALUE;
          else throw invalid('a field value has a control character');
          continue;
        case FIELD_LF:
          if (code !== LF) throw invalid('a field line does not end in CRLF');
          state = LINE_START;
          continue;
        case LINE_START:
          if (((KIND[code] as number) & TOKEN) !== 0) {
            if (this.#placed === MAX_FIELDS * 4) throw invalid(`more than ${MAX_FIELDS} fields`);
            this.#place(at + shift);
            state = IN_NAME;
          } else if (code === CR) state = LAST_LF;
          else throw invalid('a line that does not begin with a field name');
          continue;
        case LAST_LF:
          if (code !== LF) throw invalid('the last line is not empty');
          this.#seen = at + shift + 1;
          return at + 1;
        case IN_REASON:
          if (code === LF) throw invalid('the status line does not end in CRLF');
          if (code !== CR) continue;
          this.#reasonEnd = at + shift;
          state = STATUS_LINE_LF;
          continue;
        case IN_VERSION:
          if (this.#startLine(code, at + shift)) state = AFTER_STATUS;
          continue;
        case AFTER_STATUS:
          if (code === SPACE) state = IN_REASON;
          else if (code === CR) state = STATUS_LINE_LF;
          else throw invalid('the status has more than three digits');
          this.#reasonAt = this.#reasonEnd = at + shift + 1;
          continue;
        case STATUS_LINE_LF:
          if (code !== LF) throw invalid('the status line does not end in CRLF');
          state = LINE_START;
      }
    }
    if (end < bytes.length) throw invalid(`more than ${MAX_HEAD_BYTES} bytes`);
    this.#state = state;
    this.#seen = end + shift;
    return -1;
  }

  /** `HTTP/1.x sss`, one octet of it; returns true after the last. */
  #startLine(code: number, place: number): boolean {
    if (place < MINOR_AT) {
      if (code !== VERSION[place]) throw invalid('it does not begin as HTTP/1 does');
    } else if (place === MINOR_AT) {
      this.minorVersion = code - ZERO;
      if (this.minorVersion !== 0 && this.minorVersion !== 1) throw invalid('a version that is not known');
    } else if (place < STATUS_AT) {
      if (code !== SPACE) throw invalid('no space behind the version');
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9) throw invalid('the status is not three digits');
      this.status = this.status * 10 + digit;
    }
    return place === STATUS_END - 1;
  }

  #place(place: number): void {
    this.#places[this.#placed++] = place;
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response head is not valid: ${what}.`);
}
