import { packageVersion } from '../installed.ts';
import { nodeProgram } from '../node-program.ts';
import type { Peer } from '../peer.ts';

export const httpProxy: Peer = {
  name: 'http-proxy',
  title: 'http-proxy',
  variants: ['plain'],
  version: () => packageVersion('http-proxy'),
  install: 'npm install --save-dev http-proxy',
  prepare: ({ port, upstream }) =>
    nodeProgram('http-proxy-server.ts', [port, `http://${upstream.address}:${upstream.port}`]),
};
