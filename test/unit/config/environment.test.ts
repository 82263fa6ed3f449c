import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate, shield, unshield } from '../../../src/config/yaml/environment-references.ts';
import { configOf, messagesOf, placesOf, problemsOf, ROUTE, SMALLEST, UPSTREAM } from './problems-of.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is the syntax under test

const text = (template: string, env: Record<string, string> = {}) => interpolate(template, env).text;

describe('a reference', () => {
  it('stands for the value of the variable', () => {
    expect(text('a ${A} c${A}', { A: 'b' })).toBe('a b cb');
  });

  it('has its default when the variable is unset or empty', () => {
    expect(text('${A:-x y}')).toBe('x y');
    expect(text('${A:-x}', { A: '' })).toBe('x');
    expect(text('${A:-x}', { A: 'a' })).toBe('a');
    expect(text('${A:-}')).toBe('');
  });

  it('without default may be set to nothing, but not unset', () => {
    expect(interpolate('${A}', { A: '' }).problems).toEqual([]);
    expect(interpolate('${A}', {}).problems[0]?.code).toBe('MISSING_VARIABLE');
  });

  it('is literal after a further dollar sign', () => {
    expect(text('$${A} $$ $ ${B}', { B: '1' })).toBe('${A} $$ $ 1');
  });

  it('is not looked for in a value', () => {
    expect(text('${A}', { A: '${B}', B: 'no' })).toBe('${B}');
  });

  it.each(['${}', '${1A}', '${A-b}', '${A:b}', '${a b}', '${A'])('%s is refused', (template) => {
    expect(interpolate(template, { A: '1' }).problems[0]?.code).toBe('INVALID_REFERENCE');
  });

  it('does not find what every object has', () => {
    expect(interpolate('${constructor}${__proto__}', {}).problems).toHaveLength(2);
  });
});

describe('the shield around references', () => {
  it('keeps every other character and every length, and comes off again', () => {
    const part = fc.oneof(fc.constantFrom('${', '}', '$', '\n', 'A', ':-', '"', 'ä', '{', '#'), fc.string());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const source = parts.join('').replace(/[\uE000-\uE07F]/g, '');
        const shielded = shield(source);
        expect(shielded).toHaveLength(source.length);
        expect(unshield(shielded)).toBe(source);
      }),
    );
  });
});

describe('a value from the environment', () => {
  const token = (line: string, env: Record<string, string>) =>
    configOf(`admin:\n  token: ${line}\n${SMALLEST}`, env).admin?.token;
  const threshold = (line: string, env: Record<string, string>) =>
    configOf(
      `upstreams: { api: { targets: [http://a:1], circuit_breaker: { failure_threshold: ${line} } } }\n${ROUTE}`,
      env,
    ).upstreams.get('api')?.circuitBreaker.failureThreshold;

  it('is typed like a plain scalar of YAML', () => {
    expect(threshold('${N}', { N: '7' })).toBe(7);
    expect(threshold('${N}', { N: '0x10' })).toBe(16);
    expect(threshold('1${N}', { N: '0' })).toBe(10);
  });

  it('stays text between quotes', () => {
    const env = { N: '7' };
    const file = (value: string) =>
      `upstreams: { api: { targets: [http://a:1], circuit_breaker: { failure_threshold: ${value} } } }\n${ROUTE}`;
    expect(placesOf(file('"${N}"'), env)).toEqual(['1:82 INVALID_VALUE']);
    expect(placesOf(file("'${N}'"), env)).toEqual(['1:82 INVALID_VALUE']);
  });

  it('that reads like a number is text where text is wanted', () => {
    expect(token('${T}', { T: '12345' })).toBe('12345');
    expect(token('${T}', { T: '1e5' })).toBe('1e5');
    expect(token('${T}', { T: 'true' })).toBe('true');
    expect(
      configOf(`${UPSTREAM}routes: [{ path: /*, upstream: api }]\nserver: { via: "${'${V}'}" }`, { V: '1' })
        .server.via,
    ).toBe('1');
  });

  it('that is empty means no token', () => {
    expect(token('${T:-}', {})).toBeNull();
    expect(token('"${T:-}"', {})).toBeNull();
  });

  it('that is empty means no Redis, but not one without an address', () => {
    const yaml = `cache: { redis: \${REDIS_URL:-} }\n${SMALLEST}`;
    expect(configOf(yaml).cache.redis).toBeNull();
    expect(configOf(yaml, { REDIS_URL: 'redis://127.0.0.1:1' }).cache.redis?.url).toBe('redis://127.0.0.1:1');
    expect(problemsOf(`cache: { redis: { url: \${REDIS_URL:-} } }\n${SMALLEST}`)).toHaveLength(1);
  });

  it('works in a flow mapping without quotes', () => {
    const config = configOf(
      `admin: { listen: 127.0.0.1:9901, token: \${BREAKWATER_ADMIN_TOKEN} }   # note\n${SMALLEST}`,
      { BREAKWATER_ADMIN_TOKEN: 'abc' },
    );
    expect(config.admin?.token).toBe('abc');
  });

  it('may be part of a URL in a flow sequence, with a default that YAML would stumble over', () => {
    const config = configOf(
      `upstreams: { api: { targets: [http://\${H:-a}:\${P:-81}, "\${X:-http://b}"] } }\n${ROUTE}`,
    );
    expect(config.upstreams.get('api')?.targets.map(({ url }) => url)).toEqual(['http://a:81', 'http://b']);
    expect(token('${T:-{a,b]#c:d}', {})).toBe('{a,b]#c:d');
    expect(token('"${T:-a\\"b}"', {})).toBe('a"b');
    expect(token("'${T:-a''b}'", {})).toBe("a'b");
  });

  it.each([
    'x, y: 1',
    'x\n  listen: 0.0.0.0:1',
    '}]',
    '"',
    "'",
    '*a',
    '&a b',
    '# x',
    '- x',
    '${T}',
    '!!str x',
  ])('%j cannot add keys, items or anything else', (value) => {
    for (const line of ['${T}', '"${T}"', "'${T}'", '{ "x": ${T} }', '[${T}]']) {
      const file = `log: { level: info }\nadmin:\n  token: ${line}\n${SMALLEST}`;
      const [problem, ...others] = problemsOf(file, { T: value });
      expect(others).toEqual([]);
      if (line.includes('"x"')) expect(problem?.message).toContain('must be text');
      else if (line === '[${T}]') expect(problem?.message).toContain('not a list');
      else if (/[^\x21-\x7e]/.test(value)) expect(problem?.message).toContain('visible ASCII');
      else expect(problem).toBeUndefined();
    }
  });

  it('that is missing is a mistake at its place, and the only one about it', () => {
    const file = `${UPSTREAM}routes:\n  - { path: /*, upstream: api, timeout: \${NOPE} }\n`;
    expect(placesOf(file)).toEqual(['3:41 MISSING_VARIABLE']);
    expect(messagesOf(file)[0]).toContain('NOPE is not set');
    expect(placesOf(`admin:\n  token: |\n    \${A}\n    \${B}\n${SMALLEST}`)).toEqual([
      '3:5 MISSING_VARIABLE',
      '4:5 MISSING_VARIABLE',
    ]);
  });

  it('that is wrong is named as the origin of the mistake', () => {
    const file = `server:\n  idle_timeout: \${IDLE}\n${SMALLEST}`;
    expect(problemsOf(file, { IDLE: '60' })).toMatchObject([
      { message: expect.stringContaining('60 has no unit'), hint: expect.stringContaining('${IDLE}') },
    ]);
  });

  it('that is secret is not repeated in a message', () => {
    const file = `admin: { token: \${T} }\nupstreams: { api: { targets: ["\${U}"] } }\n${ROUTE}`;
    const shown = JSON.stringify(
      problemsOf(file, { T: 'hush hush', U: 'http://user:hushhush@127.0.0.1:1/' }),
    );
    expect(shown).toContain('visible ASCII');
    expect(shown).toContain('must not hold a user name or password');
    expect(shown).not.toMatch(/hush/);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
