import { get } from '../ask.ts';
import { wrkScene } from '../wrk-scene.ts';

export const connectionPerRequest = wrkScene({
  name: 'connection-per-request',
  title: 'A connection per request',
  what: 'The small GET with `Connection: close`: each client connects anew. Connections to the upstream are kept.',
  load: get('/', { Connection: 'close' }),
});
