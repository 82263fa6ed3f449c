import type { Scene } from '../scene.ts';
import { allPolicies } from './all-policies.ts';
import { connectionPerRequest } from './connection-per-request.ts';
import { download } from './download.ts';
import { fixedRate } from './fixed-rate.ts';
import { get1m } from './get-1m.ts';
import { get10k } from './get-10k.ts';
import { idleConnections } from './idle-connections.ts';
import { manyRoutes } from './many-routes.ts';
import { openBreaker } from './open-breaker.ts';
import { post4k } from './post-4k.ts';
import { smallGet } from './small-get.ts';
import { start } from './start.ts';
import { twentyHeaders } from './twenty-headers.ts';
import { upload } from './upload.ts';

/** In the order of the report. */
export const allScenes: readonly Scene[] = [
  smallGet,
  twentyHeaders,
  get10k,
  get1m,
  post4k,
  connectionPerRequest,
  openBreaker,
  allPolicies,
  manyRoutes,
  fixedRate,
  idleConnections,
  download,
  upload,
  start,
];
