import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REFUSALS, Refusal, type RefusalCode } from '../../../src/http/refusal.ts';

const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^\| `([A-Z_]+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, code, status, meaning, remedy]) => ({ code, status: Number(status), meaning, remedy }));

describe('error codes', () => {
  it('stand in docs/errors.md with the status, meaning and order of the table in the code', () => {
    const table = Object.entries(REFUSALS).map(([code, kind]) => ({ code, ...kind }));
    expect(documented.map(({ code, status, meaning }) => ({ code, status, meaning }))).toEqual(table);
  });

  it('each have a remedy in docs/errors.md', () => {
    for (const { remedy } of documented) expect(remedy?.length).toBeGreaterThan(10);
  });

  it('decide the status of a refusal', () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      expect(new Refusal(code, 'no').status).toBe(REFUSALS[code].status);
    }
  });

  it('keep the cause of a refusal', () => {
    const cause = new Error('why');
    expect(new Refusal('INTERNAL_ERROR', 'no', { cause }).cause).toBe(cause);
    expect(new Refusal('INTERNAL_ERROR', 'no').cause).toBeUndefined();
  });
});
