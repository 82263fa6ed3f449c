import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { problemsOf } from './problems-of.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references to variables look like that

const words = fc.constantFrom(
  ...[
    'server',
    'listen',
    'admin',
    'token',
    'log',
    'level',
    'upstreams',
    'targets',
    'url',
    'weight',
    'routes',
  ],
  ...['path', 'upstream', 'host', 'methods', 'timeout', 'strip_prefix', 'rewrite', 'circuit_breaker', 'api'],
  ...[
    'circuit_breakers',
    'profile',
    'name',
    'mode',
    'http://a:1',
    '/a/*',
    '60s',
    '50%',
    'count',
    'duration',
    'initial',
    'max',
    '64KiB',
    ':8080',
    '<<',
  ],
  ...[
    'bulkhead',
    'bulkheads',
    'cache',
    'redis',
    'fallback',
    'stale',
    'static',
    'mock',
    'json',
    'body',
    'headers',
  ],
  ...[
    'retry',
    'attempts',
    'backoff',
    'on',
    'statuses',
    'balance',
    'hash',
    'ejection',
    'dns',
    'records',
    'srv',
  ],
  ...[
    'health_check',
    'expect',
    'status',
    'answers',
    'ttl',
    'read',
    'production',
    'max_concurrent',
    '502-504',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '${A}',
    '${B:-x}',
    '${',
    '$${',
    '*a',
    '&a',
    '!!str',
    '',
    '0',
    'x',
  ],
);

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.jsonValue(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(words, tie('value'), { maxKeys: 5 }),
  ),
})).value;

const section = (...keys: string[]) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...keys), words), values, { maxKeys: 4 });

/** Files of roughly the right shape, so that mistakes lie deep inside of them. */
const files = fc.record(
  {
    server: section('listen', 'header_timeout', 'max_body_size', 'max_connections', 'trusted_proxies'),
    admin: section('listen', 'token'),
    circuit_breakers: fc.dictionary(
      words,
      section(
        'failure_threshold',
        'failure_rate',
        'window',
        'slow_call',
        'min_requests',
        'open_timeout',
        'mode',
      ),
    ),
    profile: values,
    answers: section('via', 'degraded'),
    cache: section('max_size', 'max_entry_size', 'redis'),
    bulkheads: fc.dictionary(words, section('max_concurrent', 'queue', 'queue_timeout')),
    upstreams: fc.dictionary(
      words,
      section(
        ...['targets', 'circuit_breaker', 'allow_h2', 'balance', 'slow_start', 'ejection', 'health_check'],
        ...['dns', 'bulkhead'],
      ),
    ),
    routes: fc.array(
      section(
        ...['path', 'upstream', 'methods', 'host', 'strip_prefix', 'rewrite', 'retry', 'fallback', 'cache'],
        ...['bulkhead', 'websocket', 'tunnel_idle_timeout'],
      ),
    ),
  },
  { requiredKeys: [] },
);

const texts = fc.array(
  fc.oneof(
    words,
    fc.constantFrom(': ', '- ', '\n', '\n  ', '{', '}', '[', ']', ',', '"', "'", '#', '|', '?', '\t', '\r'),
    fc.string(),
  ),
  { maxLength: 40 },
);

/** Messages are ours: a library’s own would say nothing of the key or of what to do. */
const FOREIGN =
  /invalid input|too (small|big)|invalid (key|option|string)|expected .*, received|unrecognized/i;

function expectOrderly(text: string): void {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = source.split('\n').map((line) => line.replace(/\r$/, ''));
  for (const { place, message, code } of problemsOf(text, { A: 'a', BREAKWATER_BREAKER_API_WINDOW: '30s' })) {
    if (code === 'INVALID_VARIABLE' && place === null) continue;
    expect(place).not.toBeNull();
    const line = lines[place!.line - 1];
    expect(line).toBe(place!.text);
    expect(place!.column).toBeGreaterThanOrEqual(1);
    expect(place!.column).toBeLessThanOrEqual(line!.length + 1);
    expect(message).not.toMatch(FOREIGN);
    expect(message).not.toContain('undefined');
  }
}

// Half a second on an idle machine; a busy one may take its time.
describe('whatever the file holds, there is an orderly answer', { timeout: 120_000 }, () => {
  it('to any text', () => {
    fc.assert(
      fc.property(texts, (parts) => expectOrderly(parts.join(''))),
      { numRuns: 1000 },
    );
  });

  it('to any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        expectOrderly(Buffer.from(bytes).toString('utf8')),
      ),
      { numRuns: 500 },
    );
  });

  it('to any values in the shape of a configuration', () => {
    fc.assert(
      fc.property(files, fc.boolean(), (file, flow) =>
        expectOrderly(stringify(file, { collectionStyle: flow ? 'flow' : 'any' })),
      ),
      { numRuns: 300 },
    );
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
