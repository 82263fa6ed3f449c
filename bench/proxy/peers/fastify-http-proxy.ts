import { packageVersion } from '../installed.ts';
import { nodeProgram } from '../node-program.ts';
import type { Peer } from '../peer.ts';

export const fastifyHttpProxy: Peer = {
  name: 'fastify-http-proxy',
  title: '@fastify/http-proxy',
  variants: ['plain'],
  version: () => packageVersion('@fastify/http-proxy'),
  install: 'npm install --no-save @fastify/http-proxy fastify',
  prepare: ({ port, upstream }) =>
    nodeProgram('fastify-http-proxy-server.ts', [port, `http://${upstream.address}:${upstream.port}`]),
};
