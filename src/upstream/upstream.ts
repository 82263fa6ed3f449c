import { describeBreaker } from '../config/describe-breaker.ts';
import type { TargetConfig, UpstreamConfig } from '../config/gateway-config.ts';
import type { OutboundLane, UpstreamErrorKind } from '../http/message.ts';
import type { Bulkhead, CircuitBreaker, Clock, Outcome, ThreadPlace, Timer } from '../resilience/index.ts';
import type { Balancer } from './balance/balancer.ts';
import { buildBalancer } from './balance/build-balancer.ts';
import { type HashKeyOf, hashKeyOf } from './balance/hash-key.ts';
import { errorClassifier, grpcStatusClassifier, statusClassifier, type Verdict } from './classify.ts';
import { type StopWatching, watchNames } from './dns/watch-names.ts';
import { Ejector } from './ejector.ts';
import { eligible } from './eligible.ts';
import { HealthChecks } from './health/health-checks.ts';
import { Target } from './target.ts';
import { TargetEvents, type TargetListener } from './target-events.ts';
import { type TargetChange, type TargetList, type TargetMemories, TargetSet } from './target-set.ts';

/** How a target is connected to. */
export type MakeLane = (target: TargetConfig, options: UpstreamConfig) => OutboundLane;

export interface UpstreamParts {
  readonly breaker: CircuitBreaker;
  readonly bulkhead: Bulkhead | null;
  readonly makeLane: MakeLane;
  readonly clock: Clock;
  /** Of what goes on beside the requests; must not keep the process alive. */
  readonly timer: Timer;
  /** 0 to less than 1. */
  readonly random: () => number;
  /**
   * The words of a target that threads share, `targetWords(thread.count)` of them. Asked for those configured and, in the
   * thread that asks DNS, for those found; undefined: private memory. @default private memory for all
   */
  readonly targetMemory?: ((config: TargetConfig) => Int32Array | undefined) | undefined;
  /** Which of the threads that share the upstream this one is. @default the only one */
  readonly thread?: ThreadPlace | undefined;
}

/** Something else stands in the place of a configured target. */
export type TargetListListener = (
  place: number,
  configs: TargetList['configs'],
  memories: TargetMemories,
) => void;

/** A service behind the gateway: its targets, and the one circuit breaker over all of them. */
export class Upstream {
  readonly name: string;
  readonly config: UpstreamConfig;
  readonly breaker: CircuitBreaker;
  /** When the breaker opens and for how long, in plain words. */
  readonly breakerRules: string;
  /** Slots for requests at the same time; null: unlimited. */
  readonly bulkhead: Bulkhead | null;
  /** What an answer with this status is to the breaker and the target. */
  readonly classifyStatus: (status: number) => Outcome;
  /** What an attempt is that ended with such an error. */
  readonly classifyError: (kind: UpstreamErrorKind) => Verdict;
  /** What an answer with this `grpc-status` is. */
  readonly classifyGrpcStatus: (code: number) => Outcome;
  /** What consistent hashing goes by; null with every other balance, or when the request lacks it. */
  readonly hashKey: HashKeyOf;
  readonly #events: TargetEvents;
  readonly #balancer: Balancer;
  readonly #ejector: Ejector | null;
  readonly #targets: TargetSet;
  readonly #checks: HealthChecks | null;
  readonly #parts: UpstreamParts;
  #listListeners: readonly TargetListListener[] = [];
  readonly #probeListeners: ((target: Target) => void)[] = [];
  #stopDns: StopWatching = () => {};

  constructor(config: UpstreamConfig, parts: UpstreamParts) {
    this.name = config.name;
    this.config = config;
    this.#parts = parts;
    this.breaker = parts.breaker;
    this.breakerRules = describeBreaker(config.circuitBreaker);
    this.bulkhead = parts.bulkhead;
    this.classifyStatus = statusClassifier(config.circuitBreaker);
    this.classifyError = errorClassifier(config.circuitBreaker);
    this.classifyGrpcStatus = grpcStatusClassifier(config.circuitBreaker);
    this.hashKey = hashKeyOf(config.balance);
    this.#events = new TargetEvents(config.name);
    this.#balancer = buildBalancer(config.balance, parts);
    const events = this.#events;
    this.#ejector = config.ejection === null ? null : new Ejector(config.ejection, { ...parts, events });
    const targetParts = {
      clock: parts.clock,
      slowStartMs: config.slowStartMs,
      thread: parts.thread,
      onJudged: (target: Target, verdict: Verdict, latencyMs: number | undefined) =>
        this.#judged(target, verdict, latencyMs),
    };
    this.#targets = new TargetSet(
      config.targets,
      (target, memory = parts.targetMemory?.(target)) =>
        new Target(target, parts.makeLane(target, config), { ...targetParts, memory }),
    );
    this.#checks = this.#makeChecks();
  }

  /** Live targets, one or more; changes when DNS does. */
  get targets(): readonly Target[] {
    return this.#targets.all;
  }

  /**
   * The target for the next attempt; there always is one. It must be started, or dropped, in the same turn of the
   * event loop: later it may be gone.
   *
   * @param tried are taken only when there is no other
   */
  pick(hashKey: string | null, tried: readonly Target[]): Target {
    const targets = this.#targets.all;
    this.#ejector?.restore(targets);
    return this.#balancer.pick(eligible(targets, tried), hashKey);
  }

  /** Listens to what changes about the targets. @returns ends it */
  on(listener: TargetListener): () => void {
    return this.#events.on(listener);
  }

  /** What stands in the place of each configured target now, for a thread that joins. */
  targetLists(): readonly TargetList[] {
    return this.#targets.lists();
  }

  /** Listens to what `replaceTargets` did, with what another thread needs to do the same. @returns ends it */
  onTargetsReplaced(listener: TargetListListener): () => void {
    const added: TargetListListener = (...list) => listener(...list);
    this.#listListeners = [...this.#listListeners, added];
    return () => {
      this.#listListeners = this.#listListeners.filter((other) => other !== added);
    };
  }

  /** Listens to results of probes, after they were noted, in the thread that probes. */
  onProbed(listener: (target: Target) => void): void {
    this.#probeListeners.push(listener);
  }

  /**
   * Puts others in the place of a configured target: what DNS has found, or, in a thread that does not ask DNS, what the
   * thread that does was told. Only that one, index 0, tells of it and lets the new ones begin slowly.
   *
   * @param place index of the configured target
   * @param configs one or more
   * @param memories for each of them its words; without them, `targetMemory` is asked
   */
  replaceTargets(place: number, configs: readonly TargetConfig[], memories?: TargetMemories): void {
    const change = this.#targets.replace(place, configs, memories);
    if ((this.#parts.thread?.index ?? 0) === 0) this.#joined(change);
    const list = this.#targets.lists()[place]!;
    for (const listener of this.#listListeners) listener(place, list.configs, list.memories);
  }

  /**
   * Makes good the death of another thread: its attempts, its slots and its probes of the breaker. Named pools belong to
   * all upstreams and are made good a second time in vain. Before another takes its index.
   *
   * @throws InvalidOptionError there is no such thread, or it is this one
   */
  forgetThread(index: number): void {
    this.breaker.forgetThread(index);
    this.bulkhead?.forgetThread(index);
    for (const target of this.targets) target.forgetThread(index);
  }

  /**
   * Begins to ask DNS and to check health, where that is configured; in one thread. No timer of it keeps the process alive, but a lookup or
   * a probe under way does until it has its result.
   */
  start(): void {
    const { targets, dns } = this.config;
    for (const target of this.targets) this.#checks?.begin(target);
    if (dns === null) return;
    const { timer, random } = this.#parts;
    this.#stopDns = watchNames(targets, {
      config: dns,
      timer,
      random,
      onAnswer: (place, found) => this.replaceTargets(place, found),
      onFailure: (place, reason) => this.#events.tell('dns_failed', targets[place]!.url, reason),
    });
  }

  /** Lets running attempts finish, then closes the connections. */
  close(): Promise<void> {
    this.#stop();
    return this.#targets.close();
  }

  /** Closes all connections now. */
  destroy(): void {
    this.#stop();
    this.#targets.destroy();
  }

  #stop(): void {
    this.#stopDns();
    this.#checks?.endAll();
  }

  #makeChecks(): HealthChecks | null {
    const { healthCheck } = this.config;
    if (healthCheck === null) return null;
    const { makeLane, ...parts } = this.#parts;
    const options = { ...this.config, maxConnections: 1 };
    return new HealthChecks({
      ...parts,
      config: healthCheck,
      events: this.#events,
      onProbed: (target) => {
        for (const listener of this.#probeListeners) listener(target);
      },
      makeLane: (target) => makeLane(target.config, options),
    });
  }

  #joined({ added, removed }: TargetChange): void {
    // The name itself, which stood in until the first answer, makes room for what it stands for: nobody joins.
    const isFirst = removed.some(({ config }) => config.address === undefined);
    const reason = isFirst ? 'its addresses take its place' : 'DNS no longer lists it';
    for (const target of removed) this.#checks?.end(target);
    for (const target of added) {
      if (!isFirst) target.rampUp();
      this.#checks?.begin(target);
    }
    for (const { url } of added) this.#events.tell('added', url, 'DNS lists it');
    for (const { url } of removed) this.#events.tell('removed', url, reason);
  }

  #judged(target: Target, verdict: Verdict, latencyMs: number | undefined): void {
    this.#balancer.judged?.(target, verdict, latencyMs);
    this.#ejector?.judged(target, verdict, this.#targets.all);
  }
}
