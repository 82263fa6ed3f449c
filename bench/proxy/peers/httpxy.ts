import { packageVersion } from '../installed.ts';
import { nodeProgram } from '../node-program.ts';
import type { Peer } from '../peer.ts';

export const httpxy: Peer = {
  name: 'httpxy',
  title: 'httpxy',
  variants: ['plain'],
  version: () => packageVersion('httpxy'),
  install: 'npm install --save-dev httpxy',
  prepare: ({ port, upstream }) =>
    nodeProgram('httpxy-server.ts', [port, `http://${upstream.address}:${upstream.port}`]),
};
