import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programVersion } from '../installed.ts';
import { KEEP_SECONDS, KEPT_CONNECTIONS, MANY_ROUTES, type Peer, type PeerSetup } from '../peer.ts';

export const haproxy: Peer = {
  name: 'haproxy',
  title: 'HAProxy',
  variants: ['plain', 'many', 'open'],
  version: () => programVersion('haproxy', ['-v'], /version (\d[\d.]*)/),
  install: 'apt-get install haproxy',
  prepare: (setup) => {
    const { folder, variant, upstream } = setup;
    if (variant === 'many') {
      const lines = Array.from(
        { length: MANY_ROUTES },
        (_, route) => `/r${route}/ u${route % upstream.many.length}\n`,
      );
      writeFileSync(join(folder, 'routes.map'), lines.join(''));
    }
    writeFileSync(join(folder, 'haproxy.cfg'), configuration(setup));
    return { command: 'haproxy', args: ['-db', '-f', join(folder, 'haproxy.cfg')] };
  },
};

function configuration({ folder, port, variant, upstream }: PeerSetup): string {
  const places = variant === 'many' ? upstream.many : [upstream.address];
  const backends = places.map(
    (address, index) => `backend u${index}
  http-reuse always
  server s ${address}:${upstream.port} pool-max-conn ${KEPT_CONNECTIONS} pool-purge-delay ${KEEP_SECONDS}s`,
  );
  return `global
  nbthread 1
  maxconn 10500
  # The limit of open files may be lower than two for each connection; idle ones need one.
  no strict-limits
defaults
  mode http
  option forwardfor
  option http-keep-alive
  timeout connect 5s
  timeout client ${KEEP_SECONDS}s
  timeout server ${KEEP_SECONDS}s
  timeout http-keep-alive ${KEEP_SECONDS}s
frontend clients
  bind 127.0.0.1:${port} backlog 4096
${rule(folder, variant)}
${backends.join('\n')}
`;
}

function rule(folder: string, variant: PeerSetup['variant']): string {
  if (variant === 'open') return '  http-request return status 503';
  if (variant === 'plain') return '  default_backend u0';
  return `  use_backend %[path,map_beg(${join(folder, 'routes.map')},u0)]`;
}
