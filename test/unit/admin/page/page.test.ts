import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Page } from '../../../../src/admin/page/page.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const FILES = {
  'index.html': '<!doctype html><title>page</title>',
  'assets/index-1a2b.js': 'export {};',
  'assets/index-1a2b.css': 'body {}',
  'assets/logo.svg': '<svg/>',
  'assets/odd.bin': 'x',
};

const folder = await temporaryFolder();
const built = folder.path;
afterAll(() => folder[Symbol.asyncDispose]());
mkdirSync(join(built, 'assets', 'deeper'), { recursive: true });
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(built, name), text);

describe('the page', () => {
  it.each([
    ['index-1a2b.js', 'text/javascript; charset=utf-8'],
    ['index-1a2b.css', 'text/css; charset=utf-8'],
    ['logo.svg', 'image/svg+xml'],
    ['odd.bin', 'application/octet-stream'],
  ])('has its file %s, which is never asked for again', (name, contentType) => {
    const answer = new Page(built).asset(name);
    expect(answer).toMatchObject({ contentType, body: Buffer.from(FILES[`assets/${name}` as never]) });
    expect(answer.headers['Cache-Control']).toBe('public, max-age=31536000, immutable');
  });

  it('shows its index, which is asked for each time, as new ones name other files', () => {
    const index = new Page(built).index();
    expect(index).toMatchObject({ contentType: 'text/html; charset=utf-8' });
    expect(index.body.toString()).toContain('<title>page</title>');
    expect(index.headers['Cache-Control']).toBe('no-cache');
  });

  it.each([
    '',
    '..',
    '../index.html',
    'deeper',
    '/etc/passwd',
    '__proto__',
    'index-1a2b.js/',
    'INDEX-1A2B.JS',
  ])('has no file "%s"', (name) => {
    expect(() => new Page(built).asset(name)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('is served from memory, whatever becomes of the folder', () => {
    const copy = join(built, 'copy');
    cpSync(join(built, 'assets'), join(copy, 'assets'), { recursive: true });
    cpSync(join(built, 'index.html'), join(copy, 'index.html'));
    const page = new Page(copy);
    page.index();
    rmSync(copy, { recursive: true });
    expect(page.index().body.toString()).toContain('<title>page</title>');
    expect(page.asset('logo.svg').body.toString()).toBe('<svg/>');
  });

  it('says how to build it when it is not built', () => {
    const page = new Page(join(built, 'nowhere'));
    expect(page.index().body.toString()).toContain('npm run build');
    expect(() => page.asset('logo.svg')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('lets nothing in that is not its own, script text least of all', () => {
    const { headers } = new Page(built).index();
    const directives = headers['Content-Security-Policy']!.split('; ');
    expect(directives).toContain("default-src 'none'");
    expect(directives).toContain("script-src 'self'");
    expect(directives).toContain("frame-ancestors 'none'");
    expect(directives).toContain("require-trusted-types-for 'script'");
    expect(headers['Content-Security-Policy']).not.toMatch(/unsafe|\*|https?:/);
  });
});
