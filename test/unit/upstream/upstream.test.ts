import { describe, expect, it } from 'vitest';
import type { TargetConfig, UpstreamConfig } from '../../../src/config/gateway-config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { OutboundLane } from '../../../src/http/message.ts';
import { CircuitBreaker } from '../../../src/resilience/index.ts';
import { Target } from '../../../src/upstream/target.ts';
import { Upstream } from '../../../src/upstream/upstream.ts';

/** A lane that only notes that it was closed. */
class IdleLane implements OutboundLane {
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

function targetAt(url: string, weight = 1): Target {
  const { protocol, hostname, port } = new URL(url);
  const config: TargetConfig = {
    url,
    protocol: protocol as 'http:',
    hostname,
    port: Number(port),
    weight,
  };
  return new Target(config, new IdleLane());
}

function upstreamOf(...weights: number[]): Upstream {
  const targets = weights.map((weight, at) => targetAt(`http://${'abcdef'[at]}:80`, weight));
  const yaml = 'upstreams: { shop: { targets: [http://a] } }\nroutes: [{ path: /*, upstream: shop }]\n';
  const { upstreams } = parseConfig(yaml, { file: 'test.yaml', env: {} });
  const config = upstreams.get('shop') as UpstreamConfig;
  return new Upstream(config, new CircuitBreaker({ name: 'shop' }), targets);
}

/** The hosts that the next `count` attempts go to. */
function picks(upstream: Upstream, count: number): string {
  return Array.from({ length: count }, () => upstream.pick().config.hostname).join('');
}

describe('choosing a target', () => {
  it('takes the only one there is', () => {
    expect(picks(upstreamOf(3), 4)).toBe('aaaa');
  });

  it('takes equal ones in turn', () => {
    expect(picks(upstreamOf(1, 1, 1), 7)).toBe('abcabca');
  });

  it('spreads the turns of a heavy one', () => {
    expect(picks(upstreamOf(5, 1, 1), 14)).toBe('aabacaaaabacaa');
  });

  it('gives each exactly its share in every round, whatever the weights', () => {
    const weights = [7, 1, 3, 9];
    const upstream = upstreamOf(...weights);
    for (let round = 0; round < 50; round++) {
      const hosts = picks(upstream, 20);
      weights.forEach((weight, at) => {
        expect(hosts.split('abcd'[at] as string).length - 1).toBe(weight);
      });
    }
  });
});

describe('the end of an upstream', () => {
  it('closes, or destroys, the connections to all its targets', async () => {
    const upstream = upstreamOf(1, 1);
    await upstream.close();
    upstream.destroy();
    for (const { lane } of upstream.targets) expect(lane).toMatchObject({ closed: 1, destroyed: 1 });
  });
});

describe('a target', () => {
  it.each([
    ['http://a:8081', 'a:8081'],
    ['http://a', 'a'],
    ['https://a', 'a'],
    ['http://[::1]:81', '[::1]:81'],
  ])('%s is asked for as Host %s', (url, authority) => {
    expect(targetAt(url).authority).toBe(authority);
  });

  it('counts what became of its attempts, and what is not its fault not at all', () => {
    const target = targetAt('http://a');
    const before = Date.now();
    for (const verdict of ['success', 'failure', 'timeout', 'excluded'] as const) {
      target.started();
      target.settled(verdict);
    }
    expect(target).toMatchObject({ url: 'http://a', requests: 4, failures: 2, consecutiveFailures: 2 });
    expect(target.lastFailureAt).toBeGreaterThanOrEqual(before);
    target.settled('success');
    expect(target).toMatchObject({ failures: 2, consecutiveFailures: 0 });
    expect(target.lastFailureAt).not.toBeNull();
  });

  it('has no last failure before the first', () => {
    expect(targetAt('http://a').lastFailureAt).toBeNull();
  });
});
