/** One message of an event stream. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** The last id that the stream has named, '' before the first. */
  readonly id: string;
}

/** Characters; an overview of a thousand upstreams has two million. */
const MOST = 16_000_000;

/**
 * Reads an event stream piece by piece, as the HTML standard says in section 9.2.6. EventSource would do it for us, but
 * sends no Authorization header.
 */
export class SseParser {
  readonly #onMessage: (message: SseMessage) => void;
  #rest = '';
  #event = '';
  #data: string[] = [];
  #dataLength = 0;
  #id = '';

  constructor(onMessage: (message: SseMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws {RangeError} when a message does not end */
  push(text: string): void {
    const all = this.#rest + text;
    // A CR at the very end may be the first half of CRLF.
    const end = all.endsWith('\r') ? all.length - 1 : all.length;
    const lines = all.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + all.slice(end);
    for (const line of lines) this.#line(line);
    if (this.#rest.length + this.#dataLength > MOST) throw new RangeError('A message does not end.');
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else if (field === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length + 1;
    } else if (field === 'id' && !value.includes('\0')) this.#id = value;
  }

  #dispatch(): void {
    const message = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#dataLength = 0;
    if (!empty) this.#onMessage(message);
  }
}
