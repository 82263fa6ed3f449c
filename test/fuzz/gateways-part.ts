import type { RawRequest } from '../helpers/raw-message.ts';
import { SocketWatch } from '../helpers/socket-watch.ts';
import { type ClientAnswer, readAnswers } from './client-reading.ts';
import type { FuzzCheck, FuzzPart } from './fuzz-part.ts';
import { gatewayCases } from './gateway-case.ts';
import { withoutAllowed } from './gateway-differences.ts';
import { type GatewayCase, type GatewayOutcome, GatewayStage } from './gateway-stage.ts';
import { HandOverWatch } from './hand-over-watch.ts';
import { unlikeNode } from './like-node.ts';
import { lineDifference } from './line-difference.ts';
import { NodeReader, type NodeReading } from './node-reading.ts';

/** Long enough for any piece to have been read on a busy machine. */
const UNHURRIED_MS = 30;

/** What came of a case, in a form that can be compared. */
export interface Told {
  /** Whole requests as the upstream saw them. */
  readonly seen: readonly string[];
  /** Heads of those that never came whole. */
  readonly begun: readonly string[];
  readonly answers: readonly ClientAnswer[];
  readonly lived: boolean;
  /** Null: the gateway has not noticed that the client left. */
  readonly end: string | null;
}

class GatewaysCheck implements FuzzCheck<GatewayCase> {
  readonly counts = {
    forwarded: 0,
    'answered more than once': 0,
    lived: 0,
    'handed over': 0,
    'not handed over': 0,
    slow: 0,
  };
  readonly least = {
    forwarded: 0.3,
    'answered more than once': 0.2,
    lived: 0.1,
    'handed over': 0.1,
    'not handed over': 0.1,
  };
  readonly #full: GatewayStage;
  readonly #fast: GatewayStage;
  readonly #watch: SocketWatch;
  readonly #node = new NodeReader();
  readonly #handOvers = new HandOverWatch();

  private constructor(full: GatewayStage, fast: GatewayStage, watch: SocketWatch) {
    this.#full = full;
    this.#fast = fast;
    this.#watch = watch;
  }

  static async start(): Promise<GatewaysCheck> {
    const watch = new SocketWatch();
    return new GatewaysCheck(
      await GatewayStage.start(false, watch),
      await GatewayStage.start(true, watch),
      watch,
    );
  }

  async difference(one: GatewayCase): Promise<string | null> {
    const [node] = (await this.#node.read(Buffer.concat(one.pieces))) as [NodeReading];
    const found = await this.#compare(one, node, 0);
    if (found === null) return null;
    this.counts.slow++;
    // Once more, and slowly: only then is a difference not one of time.
    return this.#compare(one, node, UNHURRIED_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#handOvers[Symbol.dispose]();
    this.#node[Symbol.dispose]();
    await this.#full[Symbol.asyncDispose]();
    await this.#fast[Symbol.asyncDispose]();
    this.#watch[Symbol.dispose]();
  }

  async #compare(one: GatewayCase, node: NodeReading, settleMs: number): Promise<string | null> {
    this.#handOvers.times = 0;
    const [full, fast] = await Promise.all([
      this.#full.outcomeOf(one, node.requests.length, settleMs),
      this.#fast.outcomeOf(one, node.requests.length, settleMs),
    ]);
    if (settleMs === 0) this.#count(fast);
    for (const { seen, invalid } of [full, fast]) {
      if (invalid.length > 0) return `The upstream got what is no request: ${invalid.join(', ')}`;
      const unlike = unlikeNode(seen, node);
      if (unlike !== null) return unlike;
    }
    const methods = node.requests.map(({ method }) => method);
    const [expected, got] = withoutAllowed([told(full, methods), told(fast, methods)], one);
    if (one.leaves.endsWith('at-once')) return unequalBeginnings(expected, got);
    return lineDifference('full', expected, 'fast', got);
  }

  #count({ seen, received, lived }: GatewayOutcome): void {
    if (seen.length > 0) this.counts.forwarded++;
    if (received.toString('latin1').split('\nVia: 1.1 fuzz').length > 2)
      this.counts['answered more than once']++;
    if (lived) this.counts.lived++;
    this.counts[this.#handOvers.times > 0 ? 'handed over' : 'not handed over']++;
  }
}

function told({ seen, begun, received, lived, end }: GatewayOutcome, methods: readonly string[]): Told {
  const bytes = Buffer.from(withoutChance(received.toString('latin1')), 'latin1');
  return {
    seen: seen.map(requestText),
    begun: begun.map(begunText),
    answers: readAnswers(bytes, methods, !lived && end === 'end'),
    lived,
    end,
  };
}

function requestText({ startLine, fields, framing, body, trailers }: RawRequest): string {
  // How they are written is the framing's business, which the parser here has judged.
  const others = fields.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
  const lines = [startLine, ...others.map((field) => field.join(': ')), framing, body.toString('latin1')];
  return withoutChance([...lines, ...trailers.map((field) => field.join(': '))].join('\n'));
}

/** undici writes the names of these in lower case, in whichever case the fast lane does (RFC 9110 §5.1). */
function begunText(head: string): string {
  return withoutChance(head).replace(/\r\n(content-length|transfer-encoding):/gi, (name) =>
    name.toLowerCase(),
  );
}

/** What differs from one answer to the next, and says nothing; in bodies as long as before, for what counts the bytes. */
function withoutChance(text: string): string {
  return text
    .replace(
      /\r\nDate: \w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT\r\n/g,
      (it) => `\r\nDate: ${'-'.repeat(it.length - 10)}\r\n`,
    )
    .replace(/\r\nServer-Timing: upstream;dur=[\d.]+\r\n/g, '\r\nServer-Timing: -\r\n')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '-'.repeat(36));
}

/** How far a lane has come when its client leaves is a matter of time; that it did the same until then is none. */
function unequalBeginnings(full: Told, fast: Told): string | null {
  const common = Math.min(full.seen.length, fast.seen.length);
  const whole = Math.min(...[full, fast].map(({ answers }) => answers.filter((it) => it.whole).length));
  const cut = (it: Told) => ({
    ...it,
    seen: it.seen.slice(0, common),
    answers: it.answers.slice(0, whole),
    begun: [],
    end: '',
    lived: false,
  });
  return lineDifference('full', cut(full), 'fast', cut(fast));
}

export const gatewaysPart: FuzzPart<GatewayCase> = {
  name: 'gateways',
  claim:
    'with any bytes from clients and upstreams, a gateway does the same in both lanes, and forwards what node reads',
  long: 20_000,
  short: 400,
  cases: gatewayCases,
  open: () => GatewaysCheck.start(),
};
