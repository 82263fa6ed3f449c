import { get } from '../ask.ts';
import type { Running, Sample, Scene } from '../scene.ts';
import { checkAnswer, SMALL_ANSWER } from '../wrk-scene.ts';

const SMALL = { load: get('/'), expected: SMALL_ANSWER };

export const start: Scene = {
  name: 'start',
  title: 'Start',
  what: 'From the start of the program, on a core of its own, to its first answer.',
  variants: ['plain'],
  columns: [{ key: 'ms', title: 'ms', digits: 0, spread: true }],
  check: (running) => checkAnswer(running, SMALL),
  // Its files are in the memory of the system afterwards, as on any machine that has run it before.
  warmUp: async () => ({}),
  measure: async (running: Running): Promise<Sample> => ({
    values: { ms: await running.restart() },
    problem: null,
  }),
};
