import { expect, it } from 'vitest';
import { stagesOf } from '../../../../src/dashboard/words/pipeline.ts';

it('takes a pipeline apart as the gateway writes it', () => {
  expect(
    stagesOf('fallback(stale 5m, static 200) → cache → retry(3, 20%) → hash(header x) over 2 targets'),
  ).toEqual([
    { name: 'fallback', detail: 'stale 5m, static 200' },
    { name: 'cache', detail: '' },
    { name: 'retry', detail: '3, 20%' },
    { name: 'hash(header x)', detail: 'over 2 targets' },
  ]);
});
