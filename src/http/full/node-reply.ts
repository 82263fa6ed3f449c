import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RefusalAnswer } from '../error-body.ts';
import { isFieldValue } from '../field-names.ts';
import type { HeaderList, InboundReply, TunnelEnd } from '../message.ts';
import { STATUS_CODES } from '../node-http.ts';
import { interimHead, type ReplyFacts, replyFields, sendableTrailers, switchFields } from './reply-fields.ts';
import { dropTunnel } from './tunnel.ts';

export interface ReplyOwner {
  /** Asked when the head is about to be sent: must the connection end after this reply? */
  closesAfterReply(): boolean;
  /** Every byte is with the operating system. */
  replySent(): void;
  /** Ends the connection so that the client cannot take what it got for a complete answer. */
  cutConnection(): void;
  /** The protocol that the request asks for, if it is one that the reply may switch to. */
  upgradeTo(): 'websocket' | null;
  /** A 101 has been written: the socket is the tunnel's. */
  switched(tunnel: Duplex, idleTimeoutMs: number, onEnd: (end: TunnelEnd) => void): void;
  /** The head could not be sent, and nothing has gone out. Says what to answer instead. */
  replyRefused(error: unknown): RefusalAnswer;
}

/** The way back to the client over node's ServerResponse. */
export class NodeReply implements InboundReply {
  readonly #response: ServerResponse;
  readonly #facts: ReplyFacts;
  readonly #owner: ReplyOwner;
  #headSent = false;
  #over = false;
  #sent100 = false;
  /** Body bytes announced; null when the end is marked otherwise, or when there is no body to count. */
  #announced: number | null = null;
  #bodiless = false;
  #sent = 0;
  #flushed = true;
  #onDrain: (() => void) | null = null;
  #onClientGone: (() => void) | null = null;

  constructor(response: ServerResponse, facts: ReplyFacts, owner: ReplyOwner) {
    this.#response = response;
    this.#facts = facts;
    this.#owner = owner;
    // Of HTTP/1.0 clients node believes TE; RFC 9112 §6.1 never lets a 1.0 client have a coded body.
    if (facts.httpVersion === '1.0') response.useChunkedEncodingByDefault = false;
    response.on('drain', () => this.#onDrain?.());
    response.on('finish', () => owner.replySent());
    response.on('close', () => this.clientGone());
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  get closed(): boolean {
    return this.#over;
  }

  get sent100(): boolean {
    return this.#sent100;
  }

  /** RFC 9110 §10.1.1: sent at most once, and not after the final head. */
  sendContinue(): void {
    if (this.#headSent || this.#over || this.#sent100) return;
    this.#sent100 = true;
    this.#response.writeContinue();
  }

  interim(status: number, headers: HeaderList): void {
    if (this.#headSent || this.#over || this.#facts.httpVersion === '1.0') return;
    const head = interimHead(status, headers);
    // Only this reply writes to the socket until it is finished, and nothing of it has been written yet.
    if (head !== null) this.#response.socket?.write(head, 'latin1');
  }

  head(status: number, reason: string, headers: HeaderList): void {
    if (this.#headSent || this.#over) return;
    try {
      this.#writeHead(status, reason, headers);
    } catch (error) {
      this.#refuseHead(error);
    }
  }

  write(chunk: Buffer): boolean {
    if (this.#over || !this.#counts(chunk.length) || this.#bodiless || chunk.length === 0) return true;
    this.#flushed = true;
    return this.#response.write(chunk);
  }

  end(chunk?: Buffer, trailers?: HeaderList): void {
    if (this.#over) return;
    if (!this.#headSent) throw new Error('A reply needs a head before its end.');
    if (chunk !== undefined && !this.#counts(chunk.length)) return;
    // RFC 9110 §8.6: too few bytes would make the client take the next answer for the rest of this one.
    if (this.#announced !== null && this.#sent !== this.#announced) {
      this.abort();
      return;
    }
    this.#over = true;
    this.#flushed = true;
    if (trailers !== undefined && this.#response.chunkedEncoding) {
      this.#response.addTrailers(sendableTrailers(trailers));
    }
    if (chunk === undefined || this.#bodiless) this.#response.end();
    else this.#response.end(chunk);
  }

  switchProtocols(
    headers: HeaderList,
    tunnel: Duplex,
    idleTimeoutMs: number,
    onEnd: (end: TunnelEnd) => void,
  ): void {
    const protocol = this.#owner.upgradeTo();
    if (this.#headSent || (protocol === null && !this.#over)) throw new Error('There is nothing to upgrade.');
    if (protocol === null || this.#over) {
      dropTunnel(tunnel, 'client', onEnd);
      return;
    }
    try {
      this.#response.writeHead(101, 'Switching Protocols', switchFields(headers, protocol));
    } catch (error) {
      this.#refuseHead(error);
      dropTunnel(tunnel, 'upstream', onEnd);
      return;
    }
    this.#headSent = true;
    this.#over = true;
    this.#onDrain = null;
    this.#response.end();
    this.#owner.switched(tunnel, idleTimeoutMs, onEnd);
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.cutConnection();
  }

  onDrain(listener: (() => void) | null): void {
    this.#onDrain = listener;
  }

  onClientGone(listener: (() => void) | null): void {
    this.#onClientGone = listener;
  }

  /** The connection is lost. Does nothing when the reply was finished before. */
  clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onClientGone?.();
  }

  /** For a connection whose `drain` events node does not pass on any more. */
  socketDrained(): void {
    if (!this.#over && this.#response.writableLength === 0) this.#onDrain?.();
  }

  #refuseHead(error: unknown): void {
    const answer = this.#owner.replyRefused(error);
    this.#writeHead(answer.status, '', answer.headers);
    this.end(answer.body);
  }

  #writeHead(status: number, reason: string, headers: HeaderList): void {
    if (!(status >= 200 && status <= 999)) throw new Error(`${status} cannot be a final status.`);
    const fields = replyFields(status, headers, this.#facts, this.#owner.closesAfterReply());
    const phrase = reason !== '' && isFieldValue(reason) ? reason : (STATUS_CODES[status] ?? '');
    // Removing what was never set tells node to add no Connection field of its own.
    this.#response.removeHeader('connection');
    this.#response.writeHead(status, phrase, fields.list);
    this.#headSent = true;
    this.#bodiless = fields.bodiless;
    this.#announced = fields.bodiless ? null : fields.length;
    // Head and first bytes go out in one write when they come together, and the head alone when they do not.
    this.#flushed = false;
    process.nextTick(flushHead, this);
  }

  /** Sends the head by itself, unless it has gone out with the first bytes. */
  flushHead(): void {
    if (this.#flushed || this.#over) return;
    this.#flushed = true;
    this.#response.flushHeaders();
  }

  /** False when the reply would become longer than announced; the connection is cut then. */
  #counts(length: number): boolean {
    if (this.#bodiless) return true;
    this.#sent += length;
    if (this.#announced === null || this.#sent <= this.#announced) return true;
    this.abort();
    return false;
  }
}

function flushHead(reply: NodeReply): void {
  reply.flushHead();
}
