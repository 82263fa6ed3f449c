/** One event of a stream. */
export interface SseMessage {
  /** Its name; `message` where it has none. */
  readonly event: string;
  readonly data: string;
}

/** Characters. The overview of a thousand upstreams takes less than two million. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** Server-sent events (HTML Living Standard, 9.2.6) from the pieces of their text, however they are cut. */
export class SseParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #length = 0;

  /** @throws RangeError a message is longer than 16 Mi characters */
  push(text: string): SseMessage[] {
    const found: SseMessage[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) this.#take(line, found);
    if (this.#length + this.#rest.length > MAX_MESSAGE) throw new RangeError('a message is too long');
    return found;
  }

  #take(line: string, found: SseMessage[]): void {
    if (line === '') {
      if (this.#data.length > 0) found.push({ event: this.#event || 'message', data: this.#data.join('\n') });
      this.#event = '';
      this.#data = [];
      this.#length = 0;
      return;
    }
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment.
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field !== 'data') return;
    this.#data.push(value);
    this.#length += value.length;
  }
}
