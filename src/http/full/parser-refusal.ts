import { isToken } from '../field-names.ts';
import { Refusal } from '../refusal.ts';
import {
  type HeadLimits,
  headersTooLarge,
  targetTooLong,
  unknownMethod,
  unknownVersion,
} from '../request-head.ts';

/** What node's parser says of bytes that it cannot take. */
export interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  /** Where in `rawPacket` it stopped. */
  readonly bytesParsed?: number;
  readonly rawPacket?: Buffer;
}

/** Where in a message the parser was. */
export interface ParserPlace {
  /** The last bytes before `rawPacket`, for a request line that came in pieces. */
  readonly before: string;
  /** True while no line of the head has ended. */
  readonly inRequestLine: boolean;
}

/** From an error of node's HTTP parser to the answer that the client gets. */
export function parserRefusal(error: ParserError, place: ParserPlace, limits: HeadLimits): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return place.inRequestLine ? targetTooLong(limits.maxTargetBytes) : headersTooLarge(limits);
    case 'HPE_INVALID_METHOD':
      return badMethod(lineAt(error, place));
    case 'HPE_INVALID_CONSTANT':
      // Its words for methods of RTSP, which the parser knows as well.
      return error.reason?.startsWith('Invalid method') === true
        ? badMethod(lineAt(error, place))
        : bad(error);
    case 'HPE_INVALID_VERSION':
      return badVersion(error, lineAt(error, place));
    case 'HPE_PAUSED_H2_UPGRADE':
      return unknownVersion('2.0');
    default:
      return bad(error);
  }
}

/** The line in which the parser stopped, as far as it has come. */
function lineAt(error: ParserError, place: ParserPlace): string {
  const text = place.before + (error.rawPacket?.toString('latin1') ?? '');
  const at = place.before.length + (error.bytesParsed ?? 0);
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  return text.slice(start, end === -1 ? text.length : end);
}

function badMethod(line: string): Refusal {
  const space = line.indexOf(' ');
  const method = space === -1 ? line : line.slice(0, space);
  if (isToken(method)) return unknownMethod(method);
  return new Refusal('BAD_REQUEST', 'The request does not begin with a method.');
}

function badVersion(error: ParserError, line: string): Refusal {
  const version = / HTTP\/(\d\.\d)\r?$/.exec(line)?.[1];
  return version === undefined || version === '1.0' || version === '1.1'
    ? bad(error)
    : unknownVersion(version);
}

function bad(error: ParserError): Refusal {
  // The parser's reasons are fixed texts; none repeats what the client sent.
  return new Refusal('BAD_REQUEST', `The request is not valid HTTP/1.1: ${error.reason ?? 'it broke off'}.`, {
    cause: error,
  });
}
