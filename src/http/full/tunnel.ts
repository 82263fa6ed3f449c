import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TunnelEnd } from '../message.ts';
import { TunnelFlow } from './tunnel-flow.ts';
import { goingAwayFrame } from './websocket-frames.ts';

type Side = 'client' | 'upstream';

export interface TunnelSides {
  readonly client: Socket;
  readonly upstream: Duplex;
  /** What the client has sent already. */
  readonly early: Buffer;
}

/**
 * Two connections joined after a 101. Each side's end is passed on as an end, behind its data, and each side's break as a
 * break; the other direction goes on as long as its sender likes.
 */
export class Tunnel {
  readonly #client: Socket;
  readonly #upstream: Duplex;
  readonly #up: TunnelFlow;
  readonly #down: TunnelFlow;
  readonly #idleTimeoutMs: number;
  readonly #onEnd: (end: TunnelEnd) => void;
  readonly #open = new Set<Side>(['client', 'upstream']);
  #by: TunnelEnd['by'] | null = null;
  #broken = false;
  /** We have ended it ourselves; what the sides tell from then on is our doing. */
  #cut = false;
  #leaving = false;
  #moved = 0;
  #silentSince = 0;
  #lastSide: NodeJS.Timeout | undefined;

  /** @param onEnd called once, when both connections are closed */
  constructor(sides: TunnelSides, idleTimeoutMs: number, onEnd: (end: TunnelEnd) => void) {
    this.#client = sides.client;
    this.#upstream = sides.upstream;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#onEnd = onEnd;
    this.#up = new TunnelFlow(sides.client, sides.upstream);
    this.#down = new TunnelFlow(sides.upstream, sides.client);
    // The lane's listener sets it, but not every connection comes from there.
    sides.client.setNoDelay(true);
    this.#watch('client', sides.client);
    this.#watch('upstream', sides.upstream);
    if (this.#broken) return;
    this.#up.start(sides.early);
    this.#down.start();
  }

  /** Looks at the clock. */
  tick(now: number): void {
    const moved = this.#up.bytes + this.#down.bytes;
    if (moved !== this.#moved || this.#silentSince === 0) {
      this.#moved = moved;
      this.#silentSince = now;
    } else if (now - this.#silentSince > this.#idleTimeoutMs) this.cut('idle');
  }

  /** Asks both sides to close, as a WebSocket does (RFC 6455 §7.1.2), and ends each that has answered. */
  sayGoingAway(): void {
    if (this.#leaving || this.#cut) return;
    this.#leaving = true;
    this.#by ??= 'stopped';
    this.#down.sayFarewell(goingAwayFrame('client'));
    this.#up.sayFarewell(goingAwayFrame('server'));
    this.#client.on('data', this.#endAnswered);
    this.#upstream.on('data', this.#endAnswered);
    this.#endAnswered();
  }

  /** Ends both connections now. */
  cut(by: 'idle' | 'stopped'): void {
    this.#by ??= by;
    this.#cut = true;
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #watch(side: Side, stream: Duplex): void {
    stream.on('error', () => this.#broke(side));
    stream.on('end', () => {
      this.#by ??= side;
    });
    stream.on('close', () => this.#closed(side, stream));
    if (stream.closed) this.#closed(side, stream);
    else if (stream.destroyed) this.#broke(side);
  }

  #closed(side: Side, stream: Duplex): void {
    this.#open.delete(side);
    if (!stream.readableEnded || !stream.writableFinished) this.#broke(side);
    if (this.#open.size > 0) {
      // The lane's ticker knows clients only, and an upstream that does not read its last bytes would never close.
      if (side === 'client') this.#lastSide = setTimeout(() => this.cut('idle'), this.#idleTimeoutMs).unref();
      return;
    }
    clearTimeout(this.#lastSide);
    const end = { by: this.#by ?? side, broken: this.#broken };
    this.#onEnd({ ...end, bytesIn: this.#up.bytes, bytesOut: this.#down.bytes });
  }

  #broke(side: Side): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#broken = true;
    this.#by ??= side;
    breakOff(this.#client);
    breakOff(this.#upstream);
  }

  readonly #endAnswered = (): void => {
    if (this.#up.closeCame && this.#down.closeSent) this.#down.end();
    if (this.#down.closeCame && this.#up.closeSent) this.#up.end();
  };
}

/** Ends a connection so that what came over it cannot look complete: by a reset, where there is one. */
function breakOff(stream: Duplex): void {
  // Only a TLSSocket has it. Asking its class would load TLS, 8 MB, where there is none.
  if (stream instanceof Socket && !('encrypted' in stream)) stream.resetAndDestroy();
  else stream.destroy();
}

/** Ends the upstream's side of a tunnel that was never joined, because the other side had failed. */
export function dropTunnel(upstream: Duplex, by: Side, onEnd: (end: TunnelEnd) => void): void {
  const end = { by, broken: true, bytesIn: 0, bytesOut: 0 };
  if (upstream.closed) {
    queueMicrotask(() => onEnd(end));
    return;
  }
  upstream.on('error', () => {});
  upstream.once('close', () => onEnd(end));
  upstream.destroy();
}
