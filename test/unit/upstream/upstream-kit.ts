import type { TargetConfig, UpstreamConfig } from '../../../src/config/gateway-config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { OutboundLane } from '../../../src/http/message.ts';
import { CircuitBreaker } from '../../../src/resilience/index.ts';
import { Target, type TargetParts } from '../../../src/upstream/target.ts';
import type { TargetEvent } from '../../../src/upstream/target-events.ts';
import { Upstream, type UpstreamParts } from '../../../src/upstream/upstream.ts';
import { FakeTime } from '../../helpers/fake-time.ts';

/** A lane that only notes that it was closed. */
export class IdleLane implements OutboundLane {
  closed = 0;
  destroyed = 0;

  start(): never {
    throw new Error('nothing is sent in this test');
  }

  upgrade(): never {
    throw new Error('nothing is sent in this test');
  }

  async close(): Promise<void> {
    this.closed++;
  }

  destroy(): void {
    this.destroyed++;
  }
}

export function targetConfig(url: string, more: Partial<TargetConfig> = {}): TargetConfig {
  const { protocol, hostname, port } = new URL(url);
  return { url, protocol: protocol as 'http:', hostname, port: Number(port || 80), weight: 1, ...more };
}

export function targetAt(url: string, more: Partial<TargetConfig> = {}, parts: Partial<TargetParts> = {}) {
  return new Target(targetConfig(url, more), new IdleLane(), {
    clock: new FakeTime(),
    slowStartMs: 0,
    ...parts,
  });
}

/** The configuration of an upstream `shop` with what a test cares for. */
export function upstreamConfig(overrides: Partial<UpstreamConfig> = {}): UpstreamConfig {
  const yaml = 'upstreams: { shop: { targets: [http://a] } }\nroutes: [{ path: /*, upstream: shop }]\n';
  return { ...parseConfig(yaml, { file: 'test.yaml', env: {} }).upstreams.get('shop')!, ...overrides };
}

/** Targets `http://a`, `http://b`, … with these weights. */
export function weighted(...weights: number[]): TargetConfig[] {
  return weights.map((weight, at) => targetConfig(`http://${'abcdefghij'[at]}`, { weight }));
}

/** An upstream whose time stands still until it is told otherwise, with what it tells. */
export function upstreamOf(overrides: Partial<UpstreamConfig>, parts: Partial<UpstreamParts> = {}) {
  const time = new FakeTime();
  const upstream = new Upstream(upstreamConfig(overrides), {
    breaker: new CircuitBreaker({ name: 'shop', clock: time }),
    bulkhead: null,
    makeLane: () => new IdleLane(),
    clock: time,
    timer: time,
    random: () => 0.5,
    ...parts,
  });
  const events: TargetEvent[] = [];
  upstream.on((event) => events.push(event));
  return { upstream, time, events };
}

/** The hosts that the next `count` attempts go to. */
export function picks(upstream: Upstream, count: number, tried: readonly Target[] = []): string {
  return Array.from({ length: count }, () => upstream.pick(null, tried).config.hostname).join('');
}

/** Sends `count` attempts to a target that all end like this. */
export function attempts(
  target: Target | undefined,
  verdict: 'success' | 'failure' | 'timeout' | 'excluded',
  count = 1,
) {
  for (let nth = 0; nth < count; nth++) {
    target!.started();
    target!.judged(verdict, 10);
    target!.ended();
  }
}
