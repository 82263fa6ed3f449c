import { transferScene } from '../transfer-scene.ts';

export const upload = transferScene({
  name: 'upload',
  title: '1 GiB up',
  what: 'One client sends one large body as fast as it can; a small program of ours reads it in the place of nginx. Three rounds at most.',
  direction: 'up',
});
