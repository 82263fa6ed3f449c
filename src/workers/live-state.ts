import { hostname } from 'node:os';
import type { Overview } from '../admin/live/live-types.ts';
import { type OverviewSources, overview } from '../admin/live/overview.ts';
import { routeViews } from '../admin/route-view.ts';
import type { Address } from '../config/gateway-config.ts';
import { formatAddress } from '../config/schema/address.ts';
import { EventFeed } from '../observe/event-feed.ts';
import { FailureSamples } from '../observe/failure-samples.ts';
import type { FailureSample, GatewayEvent, GatewayNoticeEvent } from '../observe/gateway-event.ts';
import { ownPackage } from '../observe/own-package.ts';
import { TrafficHistory } from '../observe/traffic-history.ts';
import { TrafficReader } from '../observe/traffic-reader.ts';
import type { Bulkhead } from '../resilience/index.ts';
import type { GatewayCore } from './gateway-core.ts';
import { tellEvents } from './tell-events.ts';

export interface LiveSources {
  /** Threads that take requests. */
  readonly workers: number;
  /** Of the RequestRecorder of each of them. */
  readonly requests: readonly Int32Array[];
  /** Of their RejectionRecorder. */
  readonly rejections: Int32Array;
  /** Client connections now. */
  readonly connections: () => number;
}

/** What the admin API shows live: what has happened and what goes on, in all threads. In the main thread. */
export class LiveState {
  readonly events = new EventFeed();
  readonly history: TrafficHistory;
  readonly #failures = new FailureSamples();
  readonly #sources: Omit<OverviewSources, 'gateway'>;
  readonly #gateway: Omit<OverviewSources['gateway'], 'listen'>;
  #listen = '';

  constructor(core: GatewayCore, { workers, requests, rejections, connections }: LiveSources) {
    const { config, cacheBreaker } = core;
    const reader = new TrafficReader({ routes: config.routes, requests, rejections });
    this.#gateway = {
      version: ownPackage().version,
      host: hostname(),
      startedAt: Date.now(),
      workers,
      profile: config.profile,
    };
    this.#sources = {
      connections,
      upstreams: () => core.upstreams.values(),
      cacheBreaker: cacheBreaker && {
        options: cacheBreaker.options,
        rules: core.rulesOf(cacheBreaker.name),
        snapshot: () => cacheBreaker.snapshot(),
      },
      pools: () => core.pools.values(),
      routes: routeViews(config),
      traffic: () => reader.read(),
      failures: (upstream) => this.#failures.of(upstream),
    };
    this.history = new TrafficHistory({
      upstreams: [...core.upstreams.keys()],
      read: () => reader.read(),
      rejections: () => rejectionsOf(core),
    });
    tellEvents(core, (event) => this.tell(event));
  }

  overview(): Overview {
    return overview({ ...this.#sources, gateway: { ...this.#gateway, listen: this.#listen } }, Date.now());
  }

  /** From whatever thread; in the order in which it sent them. */
  tell(event: GatewayEvent): void {
    this.events.tell(this.#failures.attachedTo(event));
  }

  note(sample: FailureSample): void {
    this.#failures.note(sample);
  }

  notice(what: GatewayNoticeEvent['what'], detail: string): void {
    this.tell({ type: 'gateway', at: Date.now(), what, detail });
  }

  /** The gateway takes traffic, at this address. */
  start(address: Address): void {
    this.#listen = formatAddress(address);
    this.history.start();
    const { workers } = this.#gateway;
    this.notice(
      'started',
      `takes requests on ${this.#listen}${workers === 1 ? '' : ` in ${workers} workers`}`,
    );
  }

  stop(): void {
    this.history.stop();
  }
}

/** Calls that breakers and bulkheads have refused; those of breakers begin anew after 32 bits. */
function rejectionsOf(core: GatewayCore): number {
  const bulkheads = new Set<Bulkhead>(core.pools.values());
  let sum = 0;
  for (const { breaker, bulkhead } of core.upstreams.values()) {
    sum += breaker.snapshot().totals.rejections;
    if (bulkhead !== null) bulkheads.add(bulkhead);
  }
  for (const bulkhead of bulkheads) {
    const { rejected, timedOut } = bulkhead.snapshot();
    sum += rejected + timedOut;
  }
  return sum;
}
