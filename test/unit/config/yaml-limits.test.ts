import { describe, expect, it } from 'vitest';
import { messagesOf, placesOf, problemsOf, ROUTE, SMALLEST } from './problems-of.ts';

const codes = (text: string) => problemsOf(text).map(({ code }) => code);

describe('what a configuration may not use of YAML', () => {
  it('merge keys', () => {
    const file = `x: &x { via: a }\nserver:\n  <<: *x\n${SMALLEST}`;
    expect(placesOf(file)).toContain('3:3 FORBIDDEN_KEY');
    expect(placesOf(`%YAML 1.1\n---\nserver: { <<: { via: a } }\n${SMALLEST}`)).toEqual([
      '3:11 FORBIDDEN_KEY',
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype', '"__proto__"', '"\\x5f_proto__"'])(
    'the key %s',
    (key) => {
      expect(
        codes(`upstreams: { api: { targets: [http://a:1] }, ${key}: { polluted: yes } }\n${ROUTE}`),
      ).toEqual(['FORBIDDEN_KEY']);
      expect(codes(`circuit_breakers: { ${key}: {} }\n${SMALLEST}`)).toEqual(['FORBIDDEN_KEY']);
      expect('polluted' in {}).toBe(false);
    },
  );

  it('the same key twice', () => {
    expect(placesOf(`log: { level: info }\n${SMALLEST}log: { level: warn }\n`)).toEqual([
      '4:1 DUPLICATE_KEY',
    ]);
    expect(placesOf(`server: { via: a, "via": b }\n${SMALLEST}`)).toEqual(['1:19 DUPLICATE_KEY']);
  });

  it.each([
    ['tags', `log: { level: !loud info }\n${SMALLEST}`, '1:15'],
    ['collections as keys', `? [a]\n: b\n${SMALLEST}`, '1:3'],
    ['two documents', `${SMALLEST}---\na: b\n`, '3:1'],
    ['tabs', `server:\n\tvia: a\n${SMALLEST}`, '2:1'],
    ['brackets that are not closed', `${SMALLEST}log: { level: info\n`, '4:1'],
    ['control characters', `log: { level: "\u0000" }\n${SMALLEST}`, '1:16'],
    ['an alias without anchor', `log: { level: *x }\n${SMALLEST}`, '1:15'],
    ['an alias within itself', `server: &s { via: *s }\n${SMALLEST}`, '1:19'],
  ])('%s', (_, file, place) => {
    expect(placesOf(file)[0]).toBe(`${place} INVALID_YAML`);
  });

  it('more than 64 levels, without running out of stack', () => {
    const nested = (levels: number) => `x: ${'['.repeat(levels)}${']'.repeat(levels)}\n${SMALLEST}`;
    expect(codes(nested(60))).toEqual(['UNKNOWN_KEY']);
    expect(codes(nested(70)).sort()).toEqual(['INVALID_YAML', 'UNKNOWN_KEY']);
    for (const opener of ['[', '{', '{a: ', '- ', '? ', '[{']) {
      expect(messagesOf(opener.repeat(200_000))).toEqual(['collections are nested too deeply']);
    }
  });

  it('more than 100 aliases', () => {
    const aliases = (count: number) => `x: &x 1\ny: [${'*x,'.repeat(count)}]\n${SMALLEST}`;
    expect(codes(aliases(100))).not.toContain('INVALID_YAML');
    expect(codes(aliases(101))).toContain('INVALID_YAML');
  });

  it('aliases to aliases to aliases', () => {
    const lines = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => [...pair] as const)) {
      lines.push(`${name}: &${name} [${`*${before},`.repeat(10)}]`);
    }
    expect(messagesOf(lines.join('\n'))).toContain('there are more than 100 aliases');
  });

  it('more than 100,000 values, aliases followed', () => {
    const values = (count: number) => `x: &x [${'1,'.repeat(count)}]\ny: [${'*x,'.repeat(99)}]\n${SMALLEST}`;
    expect(codes(values(900))).not.toContain('INVALID_YAML');
    expect(messagesOf(values(1100))).toContain('the file stands for more than 100000 values');
  });
});

describe('what a configuration may use of YAML', () => {
  it('anchors and aliases', () => {
    const file = `upstreams:
  a: { targets: [http://a:1], circuit_breaker: &strict { failure_threshold: 3 } }
  b: { targets: [http://b:1], circuit_breaker: *strict }
routes: [{ path: /, upstream: a }, { path: /b, upstream: b }]
`;
    expect(problemsOf(file)).toEqual([]);
  });
});
