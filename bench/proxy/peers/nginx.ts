import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programVersion } from '../installed.ts';
import { nginxCommand, nginxMain } from '../nginx.ts';
import { KEEP_SECONDS, KEPT_CONNECTIONS, MANY_ROUTES, type Peer, type PeerSetup } from '../peer.ts';

export const nginx: Peer = {
  name: 'nginx',
  title: 'nginx',
  variants: ['plain', 'many', 'open'],
  version: () => programVersion('nginx', ['-v'], /nginx\/(\S+)/),
  install: 'apt-get install nginx',
  prepare: (setup) => {
    writeFileSync(join(setup.folder, 'nginx.conf'), configuration(setup));
    return nginxCommand(setup.folder);
  },
};

const PASS = (name: string) => `proxy_pass http://${name};`;

function configuration({ folder, port, variant, upstream }: PeerSetup): string {
  const places = variant === 'many' ? upstream.many : [upstream.address];
  const upstreams = places.map(
    (address, index) => `  upstream u${index} {
    server ${address}:${upstream.port};
    keepalive ${KEPT_CONNECTIONS};
    keepalive_requests 1000000000;
    keepalive_timeout ${KEEP_SECONDS}s;
  }`,
  );
  return `${nginxMain(folder)}
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout ${KEEP_SECONDS}s;
  client_max_body_size 0;
  # Stream as all the others do, instead of going through files.
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $host;
${upstreams.join('\n')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
${locations(variant, places.length).join('\n')}
  }
}
`;
}

function locations(variant: PeerSetup['variant'], upstreams: number): string[] {
  if (variant === 'open') return ['    location / { return 503; }'];
  const root = `    location / { ${PASS('u0')} }`;
  if (variant === 'plain') return [root];
  const routes = Array.from(
    { length: MANY_ROUTES },
    (_, route) => `    location /r${route}/ { ${PASS(`u${route % upstreams}`)} }`,
  );
  return [...routes, root];
}
