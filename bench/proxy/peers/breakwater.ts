import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildGateway, gatewayCli, root } from '../build-gateway.ts';
import { freePort } from '../free-port.ts';
import { KEEP_SECONDS, KEPT_CONNECTIONS, MANY_ROUTES, type Peer, type PeerSetup } from '../peer.ts';

interface Kind {
  readonly title: string;
  /** What `server` says in its configuration. */
  readonly server: Readonly<Record<string, unknown>>;
  readonly variants: Peer['variants'];
}

/** A new kind is an entry here. */
const KINDS: Readonly<Record<string, Kind>> = {
  full: {
    title: 'full lane',
    server: { fast_lane: false, workers: 1 },
    variants: ['plain', 'policies', 'many', 'open'],
  },
  fast: {
    title: 'fast lane',
    server: { fast_lane: true, workers: 1 },
    variants: ['plain', 'policies', 'many', 'open'],
  },
  two: { title: 'fast lane, two workers', server: { fast_lane: true, workers: 2 }, variants: ['plain'] },
};

export const breakwaters: readonly Peer[] = Object.entries(KINDS).map(
  ([kind, { title, server, variants }]) => ({
    name: `breakwater-${kind}`,
    title: `Breakwater, ${title}`,
    variants,
    version: () => String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
    install: 'npm ci',
    build: buildGateway,
    prepare: async (setup) => {
      const file = join(setup.folder, 'gateway.yaml');
      const config = { ...(await common(setup, server)), ...VARIANTS[setup.variant](setup.upstream) };
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(config, null, 2));
      return { command: process.execPath, args: [gatewayCli, 'start', '-c', file] };
    },
  }),
);

async function common({ port }: PeerSetup, server: object): Promise<object> {
  return {
    server: {
      listen: `127.0.0.1:${port}`,
      idle_timeout: `${KEEP_SECONDS}s`,
      max_connections: 20_000,
      max_body_size: 'unlimited',
      ...server,
    },
    admin: { listen: `127.0.0.1:${await freePort()}` },
    log: { level: 'warn' },
  };
}

const LONG = { keep_alive: `${KEEP_SECONDS}s`, max_connections: KEPT_CONNECTIONS };

const VARIANTS: Readonly<Record<PeerSetup['variant'], (upstream: PeerSetup['upstream']) => object>> = {
  plain: ({ address, port }) => ({
    upstreams: { api: { targets: [`http://${address}:${port}`], ...LONG } },
    routes: [{ path: '/*', upstream: 'api', timeout: '10m' }],
  }),
  policies: ({ address, many, port }) => ({
    bulkheads: { read: { max_concurrent: 256, queue: 64, queue_timeout: '1s' } },
    upstreams: {
      api: {
        targets: [`http://${address}:${port}`, `http://${many[0]}:${port}`],
        ejection: { consecutive_failures: 5 },
        bulkhead: { max_concurrent: 256, queue: 64, queue_timeout: '1s' },
        circuit_breaker: {
          window: '30s',
          min_requests: 20,
          failure_rate: '50%',
          slow_call: { duration: '2s', rate: '80%' },
          consecutive_failures: 10,
        },
        ...LONG,
      },
    },
    routes: [
      {
        path: '/*',
        upstream: 'api',
        bulkhead: 'read',
        retry: { attempts: 3, budget: '20%' },
        // Cache stays off: a hit asks no upstream, and would make this the cheapest row of all.
        fallback: [{ static: { status: 200, json: { from: 'fallback' } } }],
      },
    ],
  }),
  many: ({ many, port }) => ({
    upstreams: Object.fromEntries(
      many.map((address, index) => [`u${index}`, { targets: [`http://${address}:${port}`], ...LONG }]),
    ),
    routes: Array.from({ length: MANY_ROUTES }, (_, route) => ({
      path: `/r${route}/*`,
      upstream: `u${route % many.length}`,
    })),
  }),
  // Nobody listens on port 1, so that the first five requests open the breaker.
  open: ({ address }) => ({
    upstreams: { api: { targets: [`http://${address}:1`], circuit_breaker: { open_timeout: '1h' } } },
    routes: [{ path: '/*', upstream: 'api' }],
  }),
};
