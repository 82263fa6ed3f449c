import { plainHead } from '../../src/http/fast/inbound/plain-head.ts';
import { scanHead } from '../../src/http/fast/inbound/scan-head.ts';
import { Refusal } from '../../src/http/refusal.ts';
import { readHead } from '../../src/http/request-head.ts';
import type { FuzzCheck, FuzzPart } from './fuzz-part.ts';
import { lineDifference } from './line-difference.ts';
import { withMutations } from './mutation.ts';
import { NodeReader, type NodeReading, type NodeRequest } from './node-reading.ts';
import { requestBytes } from './request-bytes.ts';

const TIGHT = { maxHeaderBytes: 100, maxHeaderCount: 3, maxTargetBytes: 8, maxBodyBytes: 5 };
const WIDE = { maxHeaderBytes: 32_768, maxHeaderCount: 100, maxTargetBytes: 8_192, maxBodyBytes: null };
/** Of a long head only so many beginnings are looked at. */
const MOST_PREFIXES = 200;

/** What the fast lane takes off a connection, and where it stops. */
interface Walk {
  readonly taken: readonly NodeRequest[];
  readonly end: number;
  readonly stop: 'doubt' | 'partial' | 'body' | 'last' | 'all';
}

/** Goes over a connection's bytes as the fast lane does. */
function walk(bytes: Buffer): Walk {
  const taken: NodeRequest[] = [];
  let at = 0;
  while (at < bytes.length) {
    const scanned = scanHead(bytes.subarray(at));
    if (typeof scanned === 'string') return { taken, end: at, stop: scanned };
    const bodyAt = at + scanned.length;
    const length = scanned.bodyLength ?? 0;
    const body = bytes.toString('latin1', bodyAt, bodyAt + length);
    const complete = body.length === length;
    const { method, target, headers } = scanned;
    taken.push({ method, target, httpVersion: '1.1', headers, body, complete });
    at = bodyAt + body.length;
    if (!complete) return { taken, end: at, stop: 'body' };
    if (scanned.closes) return { taken, end: at, stop: 'last' };
  }
  return { taken, end: at, stop: 'all' };
}

class ScannerCheck implements FuzzCheck<string> {
  readonly counts = {
    taken: 0,
    doubt: 0,
    partial: 0,
    'handed over behind a request': 0,
    'refused by node': 0,
  };
  readonly least = { taken: 0.4, doubt: 0.1, partial: 0.01, 'handed over behind a request': 0.05 };
  readonly #node = new NodeReader();

  async difference(text: string): Promise<string | null> {
    const bytes = Buffer.from(text, 'latin1');
    const walked = walk(bytes);
    const [whole, behind] = await this.#node.read(bytes, bytes.subarray(walked.end));
    this.#count(walked, whole as NodeReading);
    return (
      aloneAndCut(bytes) ??
      sameRequests(walked, whole as NodeReading) ??
      sameBehind(walked, whole as NodeReading, behind as NodeReading)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#node[Symbol.dispose]();
  }

  #count({ taken, stop }: Walk, { refusal }: NodeReading): void {
    if (taken.length > 0) this.counts.taken++;
    if (stop === 'doubt') this.counts.doubt++;
    if (stop === 'partial') this.counts.partial++;
    if (stop === 'doubt' && taken.length > 0) this.counts['handed over behind a request']++;
    if (refusal !== null) this.counts['refused by node']++;
  }
}

/**
 * A head that is taken means what it means in the full lane; what follows changes nothing of it, and every beginning of it is
 * partial.
 */
function aloneAndCut(bytes: Buffer): string | null {
  if (bytes.length === 0) return null;
  const found = scanHead(bytes);
  if (typeof found === 'string') return null;
  for (const limits of [TIGHT, WIDE]) {
    const meant = readHead({ ...found, httpVersion: '1.1' }, limits);
    const wanted = meant instanceof Refusal ? null : meant;
    const unlike = lineDifference('full lane', wanted, 'fast lane', plainHead(found, limits));
    if (unlike !== null) return unlike;
  }
  const alone = scanHead(bytes.subarray(0, found.length));
  if (JSON.stringify(alone) !== JSON.stringify(found)) return 'What follows the head changes it.';
  const step = Math.max(1, Math.ceil(found.length / MOST_PREFIXES));
  for (let length = 1; length < found.length; length += step) {
    const beginning = scanHead(bytes.subarray(0, length));
    if (beginning !== 'partial')
      return `Its first ${length} bytes are ${JSON.stringify(beginning)}, not partial.`;
  }
  return null;
}

/** What the scanner takes, node takes with the same meaning; where the scanner waits, node has refused nothing. */
function sameRequests({ taken, stop }: Walk, { requests, refusal }: NodeReading): string | null {
  const expected = JSON.stringify(taken, null, 1);
  const got = JSON.stringify(requests.slice(0, taken.length), null, 1);
  if (expected !== got) return `The scanner took ${expected}, node ${got} (${refusal})`;
  const waits = stop === 'partial' || stop === 'body' || stop === 'all';
  if (!waits || (requests.length === taken.length && refusal === null)) return null;
  return `The scanner waits for more (${stop}), node found ${requests.length} requests and ${refusal}.`;
}

/** Node finds in what is handed over what it would have found if it had read the connection from its beginning. */
function sameBehind({ taken, stop }: Walk, whole: NodeReading, behind: NodeReading): string | null {
  if (stop !== 'doubt') return null;
  const expected = JSON.stringify({ ...whole, requests: whole.requests.slice(taken.length) }, null, 1);
  const got = JSON.stringify(behind, null, 1);
  return expected === got
    ? null
    : `Handed over behind ${taken.length} requests: ${got}, in one go: ${expected}`;
}

export const scannerPart: FuzzPart<string> = {
  name: 'scanner',
  claim: 'what the scanner takes, node takes with the same meaning, and finds the same behind it',
  long: 110_000,
  short: 700,
  cases: withMutations(requestBytes),
  open: async () => new ScannerCheck(),
};
