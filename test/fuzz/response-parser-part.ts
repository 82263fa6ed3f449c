import fc from 'fast-check';
import { ResponseParser } from '../../src/http/fast/outbound/response-parser.ts';
import { endToEnd } from '../../src/http/forwarded-headers.ts';
import { UpstreamError } from '../../src/http/message.ts';
import type { FuzzCheck, FuzzPart } from './fuzz-part.ts';
import { lineDifference } from './line-difference.ts';
import { cutAt, cuts, withMutations } from './mutation.ts';
import { type NodeResponse, type ResponseReading, readByNodeClient } from './node-response.ts';
import { responseBytes } from './response-bytes.ts';

interface ResponseCase {
  readonly method: 'GET' | 'HEAD';
  readonly text: string;
  readonly cuts: readonly number[];
}

interface ParserReading extends ResponseReading {
  refusal: string | null;
  /** Bytes that belong to the answer. */
  used: number;
  kept: boolean;
}

/** Gives these pieces to a parser of the fast lane. */
function readByParser(method: string, pieces: readonly Buffer[], holds: boolean): ParserReading {
  const parser = new ResponseParser();
  const reading: ParserReading = {
    interims: [],
    status: 0,
    reason: '',
    headers: [],
    body: '',
    trailers: [],
    complete: false,
    refusal: null,
    kept: false,
    used: 0,
  };
  parser.begin(
    {
      onInterim: (status, fields) => void reading.interims.push([status, fields]),
      onHead: (status, reason, headers) => void Object.assign(reading, { status, reason, headers }),
      onData: (chunk) => {
        reading.body += chunk.toString('latin1');
        return !holds;
      },
    },
    method === 'HEAD',
  );
  try {
    for (const piece of pieces) {
      for (let rest = piece; ; ) {
        const used = parser.execute(rest);
        reading.used += used;
        rest = rest.subarray(used);
        if (!parser.held) break;
      }
      if (parser.complete) break;
    }
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    reading.refusal = error.message;
  }
  const { complete, trailers, keep } = parser;
  // A connection that has carried a HEAD is never used again (request-head.ts).
  return { ...reading, complete, trailers, kept: complete && keep && method !== 'HEAD' };
}

class ResponseParserCheck implements FuzzCheck<ResponseCase> {
  readonly counts = { whole: 0, waiting: 0, refused: 0, 'more behind': 0, kept: 0 };
  readonly least = { whole: 0.3, waiting: 0.05, refused: 0.1, 'more behind': 0.02, kept: 0.1 };

  async difference({ method, text, cuts }: ResponseCase): Promise<string | null> {
    const bytes = Buffer.from(text, 'latin1');
    const told = readByParser(method, [bytes], false);
    this.#count(told, bytes.length);
    for (const holds of [false, true]) {
      const cut = readByParser(method, cutAt(bytes, cuts), holds);
      // How many bytes had been used before a refusal depends on the cuts.
      const used = told.refusal === null ? cut.used : told.used;
      const difference = lineDifference('whole', told, 'in pieces', { ...cut, used });
      if (difference !== null) return difference;
    }
    if (told.refusal !== null) return null;
    return asNode(told, await readByNodeClient(method, bytes.subarray(0, told.used)));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #count({ complete, refusal, used, kept }: ParserReading, length: number): void {
    if (complete) this.counts.whole++;
    if (!complete && refusal === null) this.counts.waiting++;
    if (refusal !== null) this.counts.refused++;
    if (complete && used < length) this.counts['more behind']++;
    if (kept) this.counts.kept++;
  }
}

/** Node refuses these at the field, the parser where the head or the trailers end, and takes nothing of them before. */
const AT_ITS_FIELD: ReadonlySet<string> = new Set([
  'HPE_INVALID_CONTENT_LENGTH',
  'HPE_UNEXPECTED_CONTENT_LENGTH',
  'HPE_INVALID_TRANSFER_ENCODING',
]);

/** What the parser takes node takes with the same meaning, and a connection is not used again where node would not. */
function asNode(told: ParserReading, node: NodeResponse): string | null {
  const inFields = !told.complete && (told.status === 0 || node.status !== 0);
  if (inFields && AT_ITS_FIELD.has(node.refusal ?? '')) return null;
  if (node.refusal !== null) return `The parser took ${JSON.stringify(told)}, node refused: ${node.refusal}`;
  if (told.kept && !node.kept)
    return `The parser keeps the connection, node does not: ${JSON.stringify(told)}`;
  const same = { refusal: null, kept: null, used: null };
  return lineDifference('parser', { ...told, ...same }, 'node', { ...passedOn(node), ...same });
}

/** What of an answer node has read is meant for the client, as the fast lane's parser gives it. */
function passedOn(node: NodeResponse): ResponseReading {
  const headers = endToEnd(node.headers);
  const at = node.headers.findIndex(
    (part, place) => place % 2 === 0 && part.toLowerCase() === 'content-length',
  );
  // RFC 9110 §8.6: no length in a 204.
  if (at !== -1 && node.status !== 204) headers.push('Content-Length', String(Number(node.headers[at + 1])));
  const interims = node.interims.map(([status, fields]) => [status, endToEnd(fields)] as const);
  // A reason that could not be sent on is dropped.
  const reason = /^[\t -~\x80-\xff]*$/.test(node.reason) ? node.reason : '';
  return { ...node, headers, interims, reason };
}

export const responseParserPart: FuzzPart<ResponseCase> = {
  name: 'response-parser',
  claim:
    "what the fast lane's parser of answers takes, node's client takes with the same meaning, however it is cut",
  long: 60_000,
  short: 400,
  cases: fc.record({
    method: fc.constantFrom<ResponseCase['method'][]>('GET', 'GET', 'GET', 'HEAD'),
    text: withMutations(responseBytes),
    cuts,
  }),
  open: async () => new ResponseParserCheck(),
};
