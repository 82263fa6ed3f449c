import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../refusal.ts';
import { type InboundHead, readHead } from '../request-head.ts';
import { NodeReply, type ReplyOwner } from './node-reply.ts';
import { NodeRequest } from './node-request.ts';
import { type BodyOwner, NodeRequestBody } from './node-request-body.ts';
import type { ServerLimits } from './server-limits.ts';

/**
 * One request's turn on its connection. Answers go out in the order of requests (RFC 9112 §9.3.2), and only the
 * first turn in the line is worked on.
 */
export interface Turn {
  /** True once its handler, or its refusal, has begun. */
  begun: boolean;
  /** Answered with this instead of being handled. */
  refusal: Refusal | null;
  /** Null when not even a head could be read. */
  readonly exchange: TurnExchange | null;
}

export interface TurnExchange {
  readonly message: IncomingMessage;
  readonly reply: NodeReply;
  /** Null when the head was refused. */
  readonly request: NodeRequest | null;
  readonly body: NodeRequestBody | null;
  readonly expectsContinue: boolean;
  /** No request is taken after this one. */
  readonly isLast: boolean;
}

export interface TurnOwner extends ReplyOwner, BodyOwner {
  readonly remoteAddress: string;
}

/** A turn for a request that could not be read. */
export function refusedTurn(refusal: Refusal): Turn {
  return { begun: false, refusal, exchange: null };
}

/**
 * True when nothing may be read from the connection after this exchange: unread bytes of a body must never be taken for
 * the next request (RFC 9112 §9.3, RFC 9110 §10.1.1), nor bytes behind an upgrade that came to nothing, which may be meant
 * for the tunnel.
 *
 * @param hasEarly bytes have come behind an upgrade
 */
export function mustBeLast(exchange: TurnExchange, hasEarly: boolean): boolean {
  const { isLast, request, body, expectsContinue, reply } = exchange;
  return (
    isLast ||
    (hasEarly && request?.upgrade != null) ||
    (body !== null && !body.received && !body.reading) ||
    (expectsContinue && !reply.sent100)
  );
}

/** A turn for a request that node's parser has taken. */
export function readTurn(
  message: IncomingMessage,
  response: ServerResponse,
  limits: ServerLimits,
  owner: TurnOwner,
): Turn {
  const head = readHead(
    {
      method: message.method ?? '',
      target: message.url ?? '',
      httpVersion: message.httpVersion,
      headers: message.rawHeaders,
    },
    limits,
  );
  const facts = {
    method: message.method ?? '',
    httpVersion: message.httpVersion === '1.1' ? ('1.1' as const) : ('1.0' as const),
  };
  const reply = new NodeReply(response, facts, owner);
  // A refused message can still break or be cut off; nobody is interested then.
  message.on('error', ignore);
  if (head instanceof Refusal) {
    const exchange = { message, reply, request: null, body: null, expectsContinue: false, isLast: true };
    return { begun: false, refusal: head, exchange };
  }
  return { begun: false, refusal: null, exchange: accepted(message, reply, head, { limits, owner }) };
}

function accepted(
  message: IncomingMessage,
  reply: NodeReply,
  head: InboundHead,
  { limits, owner }: { limits: ServerLimits; owner: TurnOwner },
): TurnExchange {
  const body = head.hasBody
    ? new NodeRequestBody(message, head.bodyLength, limits.maxBodyBytes, owner)
    : null;
  return {
    message,
    reply,
    request: new NodeRequest(head, owner.remoteAddress, body),
    body,
    expectsContinue: head.expectsContinue,
    // Node's parser stops after a request with Upgrade and drops what follows it in the same piece, so
    // nothing may be expected from such a connection. What follows a WebSocket's is not given to the parser.
    isLast: head.isLast || (head.isUpgrade && head.upgrade === null),
  };
}

function ignore(): void {}
