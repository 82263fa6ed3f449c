import { MAX_INTERIM_RESPONSES } from '../../full/max-interim-responses.ts';
import { type HeaderList, UpstreamError } from '../../message.ts';
import { ChunkSizeLine } from './chunk-size-line.ts';
import { HeadReader } from './head-reader.ts';
import { type ResponseHead, responseHead, trailerFields } from './response-head.ts';

/** Whom a parser tells. It may stop the parser in any of these. */
export interface ResponseSink {
  onInterim(status: number, fields: HeaderList): void;
  onHead(status: number, reason: string, fields: HeaderList): void;
  /** Returns false to hold the response back. */
  onData(chunk: Buffer): boolean;
}

const STOPPED = 0;
const HEAD = 1;
const SIZED_BODY = 2;
const OPEN_BODY = 3;
const CHUNK_SIZE = 4;
const CHUNK_DATA = 5;
const CHUNK_CR = 6;
const CHUNK_LF = 7;
const TRAILERS = 8;
const COMPLETE = 9;

const CR = 0x0d;
const LF = 0x0a;

const NO_TRAILERS: string[] = [];

/** Takes one final response, and the interim ones before it, from a connection's bytes. */
export class ResponseParser {
  /** After `onData` returned false, until the next `execute`. */
  held = false;
  /** At least one byte of a response has come. */
  started = false;
  /** The connection may be used again, as far as all heads until now have said. */
  keep = true;
  restMs = Number.POSITIVE_INFINITY;
  trailers = NO_TRAILERS;
  readonly #head = new HeadReader();
  readonly #sizeLine = new ChunkSizeLine();
  #sink: ResponseSink | null = null;
  #toHead = false;
  #state = STOPPED;
  #interims = 0;
  /** An interim response has said that nothing follows. */
  #closed = false;
  /** Of a body whose length is known, or of a chunk. */
  #remaining = 0;

  /** @param toHead true when the request is a HEAD, whose response has no body whatever it says */
  begin(sink: ResponseSink, toHead: boolean): void {
    this.#sink = sink;
    this.#toHead = toHead;
    this.#state = HEAD;
    this.#interims = 0;
    this.#closed = false;
    this.held = false;
    this.started = false;
    this.keep = true;
    this.restMs = Number.POSITIVE_INFINITY;
    this.trailers = NO_TRAILERS;
    this.#head.beginHead();
  }

  get complete(): boolean {
    return this.#state === COMPLETE;
  }

  /** True in a body that has no other end than the connection's. */
  get endsWithConnection(): boolean {
    return this.#state === OPEN_BODY;
  }

  /** Nobody is told any more. */
  stop(): void {
    this.#state = STOPPED;
    this.#sink = null;
  }

  /**
   * Takes bytes, and returns how many: all, unless the response is complete, held back, or stopped. An empty buffer goes
   * on where it was held back.
   *
   * @throws {UpstreamError} `protocol`
   */
  execute(bytes: Buffer): number {
    this.held = false;
    if (bytes.length > 0) this.started = true;
    let at = 0;
    while (this.#state !== COMPLETE && this.#state !== STOPPED && !this.held) {
      // All other states need a byte to go on.
      if (at === bytes.length && !(this.#state === SIZED_BODY && this.#remaining === 0)) return at;
      at = this.#step(bytes, at);
    }
    return at;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case HEAD: {
        if (this.#closed) throw invalid('it comes after one that was said to be the last');
        const end = this.#head.read(bytes, at);
        if (end === -1) return bytes.length;
        this.#headRead(responseHead(this.#head));
        return end;
      }
      case SIZED_BODY:
        if (this.#remaining === 0) {
          this.#state = COMPLETE;
          return at;
        }
        return this.#data(bytes, at);
      case OPEN_BODY:
        this.held = !this.#tell(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      case CHUNK_SIZE: {
        const end = this.#sizeLine.read(bytes, at);
        if (end === -1) return bytes.length;
        this.#remaining = this.#sizeLine.size;
        if (this.#remaining > 0) this.#state = CHUNK_DATA;
        else {
          this.#state = TRAILERS;
          this.#head.beginTrailers();
        }
        return end;
      }
      case CHUNK_DATA:
        return this.#data(bytes, at);
      case CHUNK_CR:
        if (bytes[at] !== CR) throw invalid('a chunk is longer than it says');
        this.#state = CHUNK_LF;
        return at + 1;
      case CHUNK_LF:
        if (bytes[at] !== LF) throw invalid('a chunk does not end in CRLF');
        this.#beginChunk();
        return at + 1;
      default: {
        const end = this.#head.read(bytes, at);
        if (end === -1) return bytes.length;
        this.trailers = trailerFields(this.#head);
        this.#state = COMPLETE;
        return end;
      }
    }
  }

  #headRead(head: ResponseHead): void {
    const { status, fields } = head;
    if (head.closes || head.restMs <= 0) this.keep = false;
    this.restMs = head.restMs;
    if (status < 200) {
      this.#closed = head.closes;
      if (++this.#interims > MAX_INTERIM_RESPONSES) {
        throw new UpstreamError('protocol', `More than ${MAX_INTERIM_RESPONSES} interim responses.`);
      }
      this.#head.beginHead();
      this.#sink?.onInterim(status, fields);
      return;
    }
    this.#beginBody(head);
    this.#sink?.onHead(status, head.reason, fields);
  }

  #beginBody({ status, framing }: ResponseHead): void {
    this.#state = SIZED_BODY;
    this.#remaining = 0;
    if (this.#toHead || status === 204 || status === 304) {
      // Who announces a body where there is none may send it too.
      if (!this.#toHead && framing !== 'close' && framing !== 0) this.keep = false;
    } else if (framing === 'chunked') this.#beginChunk();
    else if (framing === 'close') {
      this.#state = OPEN_BODY;
      this.keep = false;
    } else this.#remaining = framing;
  }

  #beginChunk(): void {
    this.#state = CHUNK_SIZE;
    this.#sizeLine.begin();
  }

  #data(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#remaining -= end - at;
    if (this.#remaining === 0 && this.#state === CHUNK_DATA) this.#state = CHUNK_CR;
    this.held = !this.#tell(bytes.subarray(at, end));
    return end;
  }

  #tell(chunk: Buffer): boolean {
    return this.#sink?.onData(chunk) ?? true;
  }
}

function invalid(what: string): UpstreamError {
  return new UpstreamError('protocol', `The response is not valid: ${what}.`);
}
