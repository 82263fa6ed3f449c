import { transferScene } from '../transfer-scene.ts';

export const download = transferScene({
  name: 'download',
  title: '1 GiB down',
  what: 'One client reads one large answer as fast as it can. Three rounds at most.',
  direction: 'down',
});
