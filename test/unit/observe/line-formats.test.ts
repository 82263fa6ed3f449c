import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadLineFormat } from '../../../src/observe/line-format.ts';
import { createLogger } from '../../../src/observe/log.ts';
import { logfmtLine } from '../../../src/observe/logfmt-line.ts';
import { anyText } from '../../helpers/any-text.ts';

const HOSTILE = fc.oneof(
  anyText,
  fc.string({ unit: fc.constantFrom(...` "=\\\n\r\t\x1b\x9bau.-`), maxLength: 12 }),
  fc.constantFrom('', ' ', '=', '"', '\\', 'null', '\u2028', '\u202e', '\u{e0001}', '\ud800'),
);

/** A reader of logfmt as strict as can be: keys, `=`, a bare word or a JSON string, one blank in between. */
function readLogfmt(line: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const field = /([A-Za-z0-9_.-]+)=(?:([\x21\x23-\x3c\x3e-\x5b\x5d-\x7e]+)|("(?:[^"\\]|\\.)*"))( |\n$)/y;
  while (field.lastIndex < line.length) {
    const at = field.lastIndex;
    const [, key, bare, quoted] = field.exec(line) ?? [];
    if (key === undefined) throw new Error(`not logfmt at ${at}: ${line}`);
    fields[key] = bare ?? JSON.parse(quoted as string);
  }
  return fields;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe('logfmt', () => {
  it('writes what needs no quotes without, and mappings with dots', () => {
    const line = {
      level: 'info',
      msg: 'a b',
      n: 1.5,
      yes: true,
      no: null,
      list: ['a', 1],
      at: { b: { c: 'x=1' } },
    };
    expect(logfmtLine(JSON.stringify(line))).toBe(
      'level=info msg="a b" n=1.5 yes=true no=null list="[\\"a\\",1]" at.b.c="x=1"\n',
    );
  });

  it('is read back as it was, whatever the values are, and can be neither broken nor obeyed', () => {
    const value = fc.oneof(
      HOSTILE,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.array(HOSTILE),
    );
    const fields = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), value);
    fc.assert(
      fc.property(fields, (all) => {
        const json = JSON.stringify(all);
        const line = logfmtLine(json);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        const expected = Object.entries(JSON.parse(json) as object).map(([key, one]) => [key, asText(one)]);
        if (expected.length === 0) expect(line).toBe('\n');
        else expect(readLogfmt(line)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('lets no name break its line', () => {
    expect(logfmtLine('{"a b\\n=":1,"":{"ü":2}}')).toBe('a_b__=1 ._=2\n');
  });
});

describe('pretty', () => {
  it.each([false, true])('writes no command to the terminal but its own colours (%s)', async (colors) => {
    const pretty = (await loadLineFormat('pretty', colors))!;
    fc.assert(
      fc.property(HOSTILE, HOSTILE, (one, other) => {
        const line = {
          level: 'warn',
          time: '2026-01-01T12:00:00.000Z',
          msg: one,
          [`k${other}`]: { other: [one] },
        };
        const own = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
        const text = pretty(JSON.stringify(line)).replace(own, '');
        expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('shows time, level, text, fields and the stack of an error', async () => {
    const format = await loadLineFormat('pretty', false);
    const written: string[] = [];
    const log = createLogger({ level: 'info', format, destination: { write: (line) => written.push(line) } });
    log.warn({ err: new TypeError('no\u001b[31m'), upstream: 'api', error: 'A_CODE' }, 'it failed');
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: it failed \{"upstream":"api","error":"A_CODE"\}\n +err: /,
    );
    expect(written[0]).toContain('TypeError: no\\x1b[31m');
    expect(written[0]).toMatch(/\n +at .*line-formats\.test/);
    expect(written[0]).not.toContain('pid');
  });
});

it('a log in logfmt is formatted line by line', async () => {
  const written: string[] = [];
  const format = await loadLineFormat('logfmt', false);
  const log = createLogger({ level: 'info', format, destination: { write: (line) => written.push(line) } });
  log.info({ a: 'b c' }, 'one');
  log.info('two');
  expect(written.map(readLogfmt)).toMatchObject([{ level: 'info', a: 'b c', msg: 'one' }, { msg: 'two' }]);
});

it('lines of JSON are left as they are', async () => {
  expect(await loadLineFormat('json', true)).toBeNull();
});
