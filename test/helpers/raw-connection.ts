import type { Socket } from 'node:net';

/** How the other side ended the connection: by FIN, by RST, or by any other error. */
export type ConnectionEnd = 'end' | 'reset' | 'error';

const DEADLINE_MS = 15_000;

/** One end of a TCP connection that keeps every byte that came, and waits with deadlines. */
export class RawConnection {
  readonly socket: Socket;
  /** Grows by doubling, so that megabytes in small pieces stay cheap. */
  #bytes: Buffer = Buffer.alloc(4_096);
  #length = 0;
  #consumed = 0;
  #end: ConnectionEnd | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#keep(chunk);
      this.#wake();
    });
    socket.on('end', () => this.#ended('end'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#ended(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'error'),
    );
    socket.on('close', () => this.#ended('end'));
  }

  /** Everything that has come so far, byte for byte. */
  get received(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The same as latin1 text: one character per byte. */
  get text(): string {
    return this.received.toString('latin1');
  }

  /** Null while the other side may still send. */
  get ended(): ConnectionEnd | null {
    return this.#end;
  }

  /** Text is sent as latin1: one byte per character. */
  send(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** FIN: nothing more will be sent from here. */
  end(): void {
    this.socket.end();
  }

  /** RST, as from a process that was killed with unread data. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Waits until `condition` holds; it is looked at whenever bytes come or the connection ends. */
  async until(condition: () => boolean, what: string, withinMs = DEADLINE_MS): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        finish();
        resolve();
      };
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const timer = setTimeout(() => {
        finish();
        reject(
          new Error(
            `${what}: not within ${withinMs} ms. Received ${this.#length} bytes: ${excerpt(this.text)}`,
          ),
        );
      }, withinMs);
      this.#waiting.add(check);
    });
  }

  /** Waits until `text` has come; returns everything received. */
  async waitFor(text: string, withinMs = DEADLINE_MS): Promise<string> {
    await this.until(
      () => this.text.includes(text) || this.#end !== null,
      `bytes ${JSON.stringify(text)}`,
      withinMs,
    );
    if (!this.text.includes(text)) {
      throw new Error(
        `The connection ended (${this.#end}) before ${JSON.stringify(text)}: ${excerpt(this.text)}`,
      );
    }
    return this.text;
  }

  /** Waits until the other side ended the connection; says how. */
  async closed(withinMs = DEADLINE_MS): Promise<ConnectionEnd> {
    await this.until(() => this.#end !== null, 'end of the connection', withinMs);
    return this.#end as ConnectionEnd;
  }

  /**
   * Waits for the next message. `parse` gets the bytes not yet consumed and whether more can come; it returns how
   * many it took, or null when it needs more, and throws when they are not valid.
   */
  async message<T>(
    parse: (bytes: Buffer, end: ConnectionEnd | null) => { value: T; length: number } | null,
    what: string,
    withinMs = DEADLINE_MS,
  ): Promise<T> {
    let parsed: { value: T; length: number } | null = null;
    const attempt = () => {
      parsed = parse(this.received.subarray(this.#consumed), this.#end);
      return parsed !== null || this.#end !== null;
    };
    let failure: unknown = null;
    await this.until(
      () => {
        try {
          return attempt();
        } catch (error) {
          failure = error;
          return true;
        }
      },
      what,
      withinMs,
    );
    if (failure !== null) throw failure;
    const found = parsed as { value: T; length: number } | null;
    if (found === null) {
      throw new Error(
        `${what}: the connection ended (${this.#end}) after ${excerpt(this.unconsumed.toString('latin1'))}`,
      );
    }
    this.#consumed += found.length;
    return found.value;
  }

  /** Bytes that no message has taken. */
  get unconsumed(): Buffer {
    return this.received.subarray(this.#consumed);
  }

  #keep(chunk: Buffer): void {
    if (this.#length + chunk.length > this.#bytes.length) {
      const grown = Buffer.alloc(2 * (this.#length + chunk.length));
      this.received.copy(grown);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length += chunk.length;
  }

  #ended(how: ConnectionEnd): void {
    this.#end ??= how;
    this.#wake();
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** Enough of what came to see what it is. */
function excerpt(text: string): string {
  return JSON.stringify(text.length > 600 ? `${text.slice(0, 300)} … ${text.slice(-300)}` : text);
}
