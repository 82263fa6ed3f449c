import { performance } from 'node:perf_hooks';
import { canonicalPath } from '../http/canonical-path.ts';
import { isLoop, maxForwards } from '../http/forwarded-headers.ts';
import type { HeaderList, InboundReply, InboundRequest, RequestHandler } from '../http/message.ts';
import { Refusal } from '../http/refusal.ts';
import type { AnswerFacts } from './answer-fields.ts';
import { Exchange } from './exchange.ts';
import type { Admission, ExchangeContext } from './exchange-context.ts';
import type { ExchangeOutcome, ExchangeRecord } from './exchange-record.ts';
import type { OwnAnswer, OwnPages } from './own-pages.ts';
import { internalRefusal } from './refusals.ts';
import { sendRefusal } from './reply.ts';
import { newRequestId } from './request-id.ts';
import type { Route } from './route.ts';
import type { RoutePlan } from './route-plan.ts';
import type { Router } from './router.ts';

export interface FrontDoorOptions {
  readonly context: ExchangeContext;
  readonly router: Router;
  /** One for each route of the router. */
  readonly plans: ReadonlyMap<Route, RoutePlan>;
  readonly ownPages: OwnPages;
}

/** Methods that may ask for a last hop (RFC 9110 §7.6.2); TRACE is refused before it comes here. */
const MAX_FORWARDS_METHOD = 'OPTIONS';

/**
 * Decides for each request, on its canonical path, whether it is refused, answered by the gateway itself, or goes
 * to an upstream. Nothing behind it looks at a path again.
 */
export class FrontDoor {
  readonly #context: ExchangeContext;
  readonly #router: Router;
  readonly #plans: ReadonlyMap<Route, RoutePlan>;
  readonly #ownPages: OwnPages;

  constructor(options: FrontDoorOptions) {
    this.#context = options.context;
    this.#router = options.router;
    this.#plans = options.plans;
    this.#ownPages = options.ownPages;
  }

  readonly handle: RequestHandler = (request, reply) => {
    const startedAt = performance.now();
    const requestId = keptRequestId(request) ?? newRequestId();
    try {
      const decision = this.#decide(request, requestId, startedAt);
      if ('plan' in decision) {
        new Exchange(this.#context, decision, request, reply).run();
        return;
      }
      const also = this.#context.answers.ofRefusal(NOBODY_ASKED);
      const { status, bytes, code } = answer(decision, request, reply, { requestId, also });
      const outcome = code === null ? 'own_page' : 'refused';
      this.#record(request, { status, bytes, code, outcome, startedAt, requestId });
    } catch (error) {
      this.#context.onInternalError(error, requestId);
      if (reply.headSent) reply.abort();
      else {
        const bytes = sendRefusal(internalRefusal(error), request, reply, { requestId });
        const code = 'INTERNAL_ERROR';
        this.#record(request, { status: 500, bytes, code, outcome: 'refused', startedAt, requestId });
      }
    }
  };

  #decide(request: InboundRequest, requestId: string, startedAt: number): Admission | OwnAnswer | Refusal {
    const canonical = canonicalPath(request.target);
    if (canonical instanceof Refusal) return canonical;
    if (request.method === MAX_FORWARDS_METHOD && isForUs(request)) return OPTIONS_OF_THE_GATEWAY;
    if (isLoop(request.headers, this.#context.via)) {
      return new Refusal('LOOP_DETECTED', 'This request has been through this gateway before.');
    }
    const own = this.#ownPages.answer(request.method, canonical.path);
    if (own !== null) return own;
    const match = this.#router.match(request.authority, request.method, canonical.path);
    if (match.kind === 'not_found') {
      return new Refusal('ROUTE_NOT_FOUND', 'No route leads from this host and path to a service.');
    }
    if (match.kind === 'method_not_allowed') {
      return new Refusal('METHOD_NOT_ALLOWED', `This path does not take ${request.method}.`, {
        headers: ['Allow', match.allow.join(', ')],
      });
    }
    const { route } = match;
    const plan = this.#plans.get(route);
    if (plan === undefined) throw new Error(`no plan for route "${route.config.path}"`);
    return { plan, requestId, path: route.upstreamTarget(request.target, canonical.path), startedAt };
  }

  #record(
    request: InboundRequest,
    end: {
      status: number;
      bytes: number;
      code: string | null;
      outcome: ExchangeOutcome;
      startedAt: number;
      requestId: string;
    },
  ): void {
    const { body } = request;
    const record: ExchangeRecord = {
      route: null,
      upstream: null,
      method: request.method,
      status: end.status,
      durationMs: performance.now() - end.startedAt,
      outcome: end.outcome,
      errorCode: end.code,
      bytesOut: end.bytes,
      requestId: end.requestId,
      attempts: 0,
      fallback: null,
      request,
      bytesIn: body === null ? 0 : body.arrived,
      target: null,
      upstreamMs: null,
      failure: null,
      breaker: null,
      cacheStatus: null,
      traceId: null,
      traceSampled: false,
    };
    const traceId = this.#context.tracer?.ownAnswer(record) ?? null;
    this.#context.observer.finished(traceId === null ? record : { ...record, traceId, traceSampled: true });
  }
}

/** Refused before any upstream was asked. */
const NOBODY_ASKED: Omit<AnswerFacts, 'requestId'> = {
  upstreams: [],
  fallback: null,
  upstreamMs: undefined,
  cacheStatus: null,
};

/** A word that can neither break a log line nor fill it. */
const KEPT_REQUEST_ID = /^[A-Za-z0-9._~+/=@:-]{1,128}$/;

/** The client's own id, so that one request has one id in all logs; null: it sent none that can be kept. */
function keptRequestId(request: InboundRequest): string | null {
  const id = request.header('x-request-id');
  return id !== undefined && KEPT_REQUEST_ID.test(id) ? id : null;
}

/** `OPTIONS *` asks the server itself (RFC 9110 §9.3.7), and so does `Max-Forwards: 0`. */
function isForUs(request: InboundRequest): boolean {
  return request.target === '*' || maxForwards(request.headers) === 0;
}

const OPTIONS_OF_THE_GATEWAY: OwnAnswer = {
  status: 204,
  headers: ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  body: Buffer.alloc(0),
};

function answer(
  decision: OwnAnswer | Refusal,
  request: InboundRequest,
  reply: InboundReply,
  { requestId, also }: { requestId: string; also: HeaderList },
): { status: number; bytes: number; code: string | null } {
  if (request.body !== null && !request.body.complete) request.body.discard();
  if (decision instanceof Refusal) {
    const bytes = sendRefusal(decision, request, reply, { requestId, also });
    return { status: decision.status, bytes, code: decision.code };
  }
  reply.head(decision.status, '', [...decision.headers, 'X-Request-Id', requestId]);
  if (decision.body.length > 0) reply.end(decision.body);
  else reply.end();
  return { status: decision.status, bytes: decision.body.length, code: null };
}
