import type { Peer } from '../peer.ts';
import { breakwaters } from './breakwater.ts';
import { caddy } from './caddy.ts';
import { fastifyHttpProxy } from './fastify-http-proxy.ts';
import { haproxy } from './haproxy.ts';
import { httpProxy } from './http-proxy.ts';
import { httpxy } from './httpxy.ts';
import { nginx } from './nginx.ts';

/** In the order of the table. */
export const allPeers: readonly Peer[] = [
  ...breakwaters,
  httpProxy,
  fastifyHttpProxy,
  httpxy,
  nginx,
  haproxy,
  caddy,
];
