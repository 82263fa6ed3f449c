import { expect, it } from 'vitest';
import { selectorsOf } from './selectors-of.ts';

it.each([
  ['circuit_breaker_state == 2', ['circuit_breaker_state']],
  ['up{job="a"} == 0 or absent(up{job="a"})', ['up{job="a"}', 'up{job="a"}']],
  ['rate(a_total[5m]) / scalar(slo:a:ratio)', ['a_total', 'slo:a:ratio']],
  ['sum by (status_class) (rate(a_total{status_class="5xx"}[5m]))', ['a_total{status_class="5xx"}']],
  ['a_total unless on (some_label) b_total', ['a_total', 'b_total']],
])('the series that %s reads are found', (expr, selectors) => {
  expect(selectorsOf(expr)).toEqual(selectors);
});
