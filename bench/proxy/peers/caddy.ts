import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programVersion } from '../installed.ts';
import { KEEP_SECONDS, KEPT_CONNECTIONS, MANY_ROUTES, type Peer, type PeerSetup } from '../peer.ts';

export const caddy: Peer = {
  name: 'caddy',
  title: 'Caddy',
  variants: ['plain', 'many', 'open'],
  version: () => programVersion('caddy', ['version'], /v?(\d[\w.]*)/),
  install: 'apt-get install caddy',
  prepare: (setup) => {
    const file = join(setup.folder, 'Caddyfile');
    writeFileSync(file, configuration(setup));
    return {
      command: 'caddy',
      args: ['run', '--adapter', 'caddyfile', '--config', file],
      // One thread runs Go code, as one worker does for the others; and nothing is kept in the user's home.
      env: {
        GOMAXPROCS: '1',
        HOME: setup.folder,
        XDG_DATA_HOME: setup.folder,
        XDG_CONFIG_HOME: setup.folder,
      },
    };
  },
};

function configuration({ port, variant, upstream }: PeerSetup): string {
  return `{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://:${port} {
  bind 127.0.0.1
${routes(variant, upstream).join('\n')}
}
`;
}

function routes(variant: PeerSetup['variant'], { address, many, port }: PeerSetup['upstream']): string[] {
  if (variant === 'open') return ['  respond 503'];
  if (variant === 'plain') return [reverseProxy(`${address}:${port}`)];
  return Array.from(
    { length: MANY_ROUTES },
    (_, route) => `  handle /r${route}/* {
${reverseProxy(`${many[route % many.length]}:${port}`)}
  }`,
  );
}

/** By default it keeps 32 connections, and would open new ones all the time for more than that many clients. */
function reverseProxy(target: string): string {
  return `  reverse_proxy ${target} {
    transport http {
      keepalive ${KEEP_SECONDS}s
      keepalive_idle_conns_per_host ${KEPT_CONNECTIONS}
      compression off
    }
  }`;
}
