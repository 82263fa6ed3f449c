import { randomBytes } from 'node:crypto';

const CLOSE = 0x8;
/** RFC 6455 §7.4.1: the endpoint is going away. */
const GOING_AWAY = Buffer.from([0x03, 0xe9]);

/**
 * Finds where WebSocket frames end in a stream of bytes that comes in pieces (RFC 6455 §5.2). It looks at nothing but
 * their lengths and whether one is a Close, and keeps none of them.
 */
export class WebSocketFrames {
  readonly #header = Buffer.alloc(14);
  /** Bytes of the header that have come. */
  #have = 0;
  /** Bytes of the payload still to come. */
  #owed = 0;
  #closePassed = false;

  /** True when the next byte begins a frame. */
  get atBoundary(): boolean {
    return this.#have === 0 && this.#owed === 0;
  }

  /** True once a whole Close frame has passed. */
  get closePassed(): boolean {
    return this.#closePassed;
  }

  /** Passes over all of a piece. */
  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.readFrame(chunk, at);
  }

  /** Passes over a piece from `at` to the end of the frame that stands there, or of the piece; returns where that is. */
  readFrame(chunk: Buffer, at: number): number {
    let next = at;
    while (this.#owed === 0 && next < chunk.length) {
      this.#header[this.#have++] = chunk[next++] as number;
      if (this.#have < headerLength(this.#header, this.#have)) continue;
      this.#owed = payloadLength(this.#header);
      if (this.#owed === 0) {
        this.#ended();
        return next;
      }
    }
    const taken = Math.min(this.#owed, chunk.length - next);
    this.#owed -= taken;
    if (taken > 0 && this.#owed === 0) this.#ended();
    return next + taken;
  }

  #ended(): void {
    this.#have = 0;
    if (((this.#header[0] as number) & 0x0f) === CLOSE) this.#closePassed = true;
  }
}

/** How long a header is, as far as its first `have` bytes tell. */
function headerLength(header: Buffer, have: number): number {
  if (have < 2) return 2;
  const second = header[1] as number;
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
}

function payloadLength(header: Buffer): number {
  const length = (header[1] as number) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}

/** A Close frame that says "going away". What goes to a server is masked, with bytes nobody can foresee (§5.3). */
export function goingAwayFrame(to: 'client' | 'server'): Buffer {
  if (to === 'client') return Buffer.concat([Buffer.from([0x88, GOING_AWAY.length]), GOING_AWAY]);
  const mask = randomBytes(4);
  const payload = GOING_AWAY.map((byte, at) => byte ^ (mask[at] as number));
  return Buffer.concat([Buffer.from([0x88, 0x80 | GOING_AWAY.length]), mask, payload]);
}
