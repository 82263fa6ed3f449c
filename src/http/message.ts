import type { Duplex } from 'node:stream';

/**
 * What the lanes share: one request and its reply on the inbound side, one attempt and its sink on the outbound
 * side. A lane translates between these and its sockets; it never holds policy.
 *
 * Header fields travel as a flat list `[name, value, name, value, …]` in the order received, names as sent:
 * repeated fields keep their order and `Set-Cookie` stays separate (RFC 9110 §5.3), and no field name can
 * collide with an object's own properties.
 */
export type HeaderList = readonly string[];

/** A body on its way in, pulled by whoever sends it on: nothing is read from the client before `start`. */
export interface InboundBody {
  /** Announced length in bytes, or null when chunked. */
  readonly length: number | null;
  /** True once every byte, and the end, has been received and delivered. */
  readonly complete: boolean;
  /** Bytes that have come so far. */
  readonly arrived: number;
  /** Starts delivery. May be called once. */
  start(sink: InboundBodySink): void;
  /** Stops delivery until `resume`; the client is held back by TCP. */
  pause(): void;
  resume(): void;
  /**
   * Gives up on what has not been delivered. The reply then says `Connection: close`, and the connection ends
   * after it: unread bytes must never be taken for the next request (RFC 9112 §9.3).
   */
  discard(): void;
}

export interface InboundBodySink {
  onChunk(chunk: Buffer): void;
  onEnd(): void;
  /** The body broke: the client left, was too slow, or sent more than `max_body_size`. Nothing follows. */
  onError(error: InboundBodyError): void;
}

/**
 * Why a request body ended before its end.
 * `aborted`: the client left. `too_large`: over the body limit (413). `timeout`: no byte within the body
 * timeout (408). `malformed`: bad chunked framing (400).
 */
export class InboundBodyError extends Error {
  override readonly name = 'InboundBodyError';
  readonly code: 'aborted' | 'too_large' | 'timeout' | 'malformed';

  constructor(code: InboundBodyError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A request whose head has been read and found well-formed. */
export interface InboundRequest {
  /** As sent; case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** Origin-form target exactly as sent (`/a/b?c`), or `*`. Absolute-form has been taken apart already. */
  readonly target: string;
  /** Host and optional port that routing and forwarding use: of the absolute-form target, else of Host; lower case. */
  readonly authority: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly headers: HeaderList;
  /** The peer's address as the socket says it, IPv4-mapped IPv6 written as IPv4. */
  readonly remoteAddress: string;
  readonly scheme: 'http' | 'https';
  /** Null when the request has none. */
  readonly body: InboundBody | null;
  /** The protocol that the client asks to switch to, when it is one that the gateway passes on; else null. */
  readonly upgrade: 'websocket' | null;
  /** First value of a field; `name` in lower case. */
  header(name: string): string | undefined;
}

/** How a tunnel ended, and what went through it. */
export interface TunnelEnd {
  /**
   * `client`, `upstream`: that side closed or broke first. `idle`: silent for too long. `stopped`: the gateway stops.
   */
  readonly by: 'client' | 'upstream' | 'idle' | 'stopped';
  /** True when a connection broke instead of being closed. */
  readonly broken: boolean;
  /** Bytes from the client. */
  readonly bytesIn: number;
  /** Bytes to the client. */
  readonly bytesOut: number;
}

/** The way back to the client. Exactly one of `end`, `abort` and `switchProtocols` finishes it. */
export interface InboundReply {
  /** True once a final response head was handed over; an error can then only be told by `abort`. */
  readonly headSent: boolean;
  /** True once the client has gone or the reply has been finished either way. */
  readonly closed: boolean;
  /** Sends a 1xx; dropped for HTTP/1.0 clients (RFC 9110 §15.2). */
  interim(status: number, headers: HeaderList): void;
  /**
   * Sends the final head. `headers` are end-to-end fields only: the lane adds framing (from Content-Length in
   * `headers`, else chunked, or close-delimited for 1.0), `Connection` and, when missing, `Date`.
   */
  head(status: number, reason: string, headers: HeaderList): void;
  /** Returns false when the caller should wait for `onDrain`. */
  write(chunk: Buffer): boolean;
  /** Finishes the response; trailers are sent only where the framing allows them. */
  end(chunk?: Buffer, trailers?: HeaderList): void;
  /**
   * For a request with `upgrade`: answers 101 and joins the client's connection to `tunnel` until either ends. `headers`
   * are end-to-end fields only: the lane adds `Connection` and `Upgrade`.
   *
   * @param idleTimeoutMs how long both directions may be silent
   * @param onEnd called once, when both sides are closed
   */
  switchProtocols(
    headers: HeaderList,
    tunnel: Duplex,
    idleTimeoutMs: number,
    onEnd: (end: TunnelEnd) => void,
  ): void;
  /** Destroys the connection, so that a cut response can never look complete (RFC 9112 §8). */
  abort(): void;
  /** The client's connection can take bytes again. One listener; null takes it off. */
  onDrain(listener: (() => void) | null): void;
  /** The client left, or could not be written to, before the reply was finished. One listener. */
  onClientGone(listener: (() => void) | null): void;
}

/** What the proxy does with each request. It must not throw; a lane answers 500 if it does. */
export type RequestHandler = (request: InboundRequest, reply: InboundReply) => void;

/** One attempt at an upstream's target. Hop-by-hop fields are gone from `headers`, Host is in them. */
export interface OutboundRequest {
  readonly method: string;
  /** Byte-exact path and query. */
  readonly path: string;
  readonly headers: HeaderList;
  readonly body: InboundBody | null;
}

/** What an attempt tells. Order: onSent, onInterim*, onHead, onData*, then exactly one of onEnd and onError. */
export interface AttemptSink {
  /** A connection has been found for the attempt: from here on it is the upstream that is waited for. */
  onSent?(): void;
  onInterim(status: number, headers: HeaderList): void;
  /** Hop-by-hop and Connection-nominated fields are gone; Content-Length, if any, is valid and unique. */
  onHead(status: number, reason: string, headers: HeaderList): void;
  /** Returns false to hold the upstream back until `Attempt.resume`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: HeaderList): void;
  /** Before onHead: nothing was answered. After it: the body broke and must not look complete. */
  onError(error: UpstreamError): void;
}

/** The sink of an attempt at an upgrade. */
export interface UpgradeSink extends AttemptSink {
  /**
   * In place of onHead, onData and onEnd: the target has answered 101. Nothing follows; the sink owns `tunnel`, which
   * holds what the target has sent already. `headers` are end-to-end fields only.
   */
  onSwitch(headers: HeaderList, tunnel: Duplex): void;
}

export interface Attempt {
  /** True while it waits for one of the target's connections, all of which are taken: nobody's fault but ours. */
  readonly queued: boolean;
  /** After `onData` returned false: go on. */
  resume(): void;
  /** Gives up: the upstream's connection is closed or its stream reset, and the sink hears nothing more. */
  abort(): void;
}

/** Sends attempts to one target. */
export interface OutboundLane {
  start(request: OutboundRequest, sink: AttemptSink): Attempt;
  /**
   * Asks for a WebSocket on a connection of its own. Any answer but 101 is told as that of a plain attempt.
   *
   * @throws {TypeError} when the request cannot be sent over HTTP at all; the sink is told nothing
   */
  upgrade(request: OutboundRequest, sink: UpgradeSink): Attempt;
  /** Lets running attempts finish, then closes its connections. */
  close(): Promise<void>;
  /** Closes everything now. */
  destroy(): void;
}

/**
 * Kinds of failure an attempt can end with.
 * `connect`: no connection (refused, unreachable, name not found, TLS). `connect_timeout`. `reset`: the
 * connection broke. `headers_timeout`: no response head in time. `body_timeout`: the body stalled. `protocol`: what
 * came is not valid HTTP, or breaks its own framing. `exhausted`: this process has no file descriptor or memory left
 * for a connection. `request_body`: the client's body broke, so this says
 * nothing of the upstream.
 */
export type UpstreamErrorKind =
  | 'connect'
  | 'connect_timeout'
  | 'reset'
  | 'headers_timeout'
  | 'body_timeout'
  | 'protocol'
  | 'exhausted'
  | 'request_body';

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamErrorKind;

  constructor(kind: UpstreamErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
