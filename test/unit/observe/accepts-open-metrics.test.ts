import { describe, expect, it } from 'vitest';
import { acceptsOpenMetrics } from '../../../src/observe/accepts-open-metrics.ts';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

describe('OpenMetrics', () => {
  it.each([
    PROMETHEUS_2,
    PROMETHEUS_3,
    'application/openmetrics-text',
    'Application/OpenMetrics-Text; Version="1.0.0"; charset=utf-8',
    'text/plain;q=0.5, application/openmetrics-text;q=0.5',
    'text/plain, application/openmetrics-text',
    'application/*, text/*;q=0.1',
    'application/openmetrics-text;q=0.2, text/plain;q=0, text/*',
    '*/*, application/openmetrics-text',
  ])('is for a scraper that accepts %s', (accept) => {
    expect(acceptsOpenMetrics(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0, application/*',
    'application/openmetrics-text;q=0.4, text/plain;q=0.5',
    'application/openmetrics-text;q=0.4, */*',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;q=nonsense',
    'application/openmetrics-text;q=7',
    'application/openmetrics-textual',
    'application/json',
    ',;=,;q=1',
  ])('is not for one that accepts %s', (accept) => {
    expect(acceptsOpenMetrics(accept)).toBe(false);
  });
});
