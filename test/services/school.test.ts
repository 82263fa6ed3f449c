import { connect } from 'node:net';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SchoolService } from '../../services/gen/school/v1/school_pb.ts';
import { callJson } from '../helpers/json-api.ts';
import { type RunningService, startService } from '../helpers/start-service.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

let school: RunningService;
beforeAll(async () => {
  school = await startService('school');
});
afterAll(() => school[Symbol.asyncDispose]());

const create = (body: unknown) => callJson(`${school.url}/schools`, { body });

describe('school-service over HTTP', () => {
  it('makes, shows, replaces, changes and deletes a school', async () => {
    const made = await create({ name: '  North  ', address: 'Harbour 1' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'North', address: 'Harbour 1' });
    const url = `${school.url}${made.headers.get('location')}`;
    expect(url).toBe(`${school.url}/schools/${made.body.id}`);
    expect((await callJson(url)).body).toEqual(made.body);

    const replaced = await callJson(url, { method: 'PUT', body: { name: 'South' } });
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({
      id: made.body.id,
      name: 'South',
      created_at: made.body.created_at,
    });
    expect(replaced.body).not.toHaveProperty('address');

    const changed = await callJson(url, { method: 'PATCH', body: { address: 'Harbour 2' } });
    expect(changed.body).toMatchObject({ name: 'South', address: 'Harbour 2' });

    expect((await callJson(url, { method: 'DELETE' })).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      const gone = await callJson(url, { method });
      expect(gone.status).toBe(404);
      expect(gone.body.error.code).toBe('SCHOOL_NOT_FOUND');
    }
    expect((await callJson(url, { method: 'PUT', body: { name: 'Again' } })).status).toBe(404);
  });

  it('lists in pages, in the order of making', async () => {
    const before = (await callJson(`${school.url}/schools`)).body.page.total;
    for (const name of ['A', 'B', 'C']) await create({ name });
    const page = await callJson(`${school.url}/schools?limit=2&offset=${before + 1}`);
    expect(page.body.data.map((item: { name: string }) => item.name)).toEqual(['B', 'C']);
    expect(page.body.page).toEqual({ limit: 2, offset: before + 1, total: before + 3 });
    const refused = await callJson(`${school.url}/schools?limit=101&offset=-1`);
    expect(refused.status).toBe(400);
    expect(refused.body.error.fields.map(({ field }: { field: string }) => field)).toEqual([
      'limit',
      'offset',
    ]);
  });

  it('lists every field that is wrong', async () => {
    const answer = await create({ name: ' ', address: 7, nmae: 'x' });
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('VALIDATION_FAILED');
    expect(answer.body.error.fields.map(({ field }: { field: string }) => field)).toEqual([
      'name',
      'address',
      'nmae',
    ]);
    expect((await create([])).status).toBe(400);
  });

  it('says every error in the one shape, with the request id of the caller', async () => {
    const headers = { 'x-request-id': 'drill-7' };
    const unknown = await callJson(`${school.url}/nothing`, { headers });
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('x-request-id')).toBe('drill-7');
    expect(unknown.body.error).toMatchObject({ code: 'NOT_FOUND', request_id: 'drill-7' });

    const broken = await fetch(`${school.url}/schools`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'not harmless: "' },
      body: '{"name":',
    });
    expect(broken.status).toBe(400);
    const { error } = (await broken.json()) as { error: { code: string; request_id: string } };
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.request_id).toMatch(/^[0-9a-f-]{36}$/);

    expect((await callJson(`${school.url}/%zz`)).body.error.code).toBe('BAD_REQUEST');
    const form = await fetch(`${school.url}/schools`, { method: 'POST', body: 'name=x' });
    expect(form.status).toBe(415);
    expect(await form.json()).toMatchObject({ error: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('answers what is no HTTP in the same shape and closes', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(school.port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nno header\r\n\r\n'),
      );
      let seen = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        seen += chunk;
      });
      socket.on('end', () => resolve(seen)).on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: 'BAD_REQUEST' } });
  });

  it('refuses a body over 64 KiB', async () => {
    const answer = await create({ name: 'x'.repeat(70_000) });
    expect(answer.status).toBe(413);
    expect(answer.body.error.code).toBe('BODY_TOO_LARGE');
  });

  it('tells its health', async () => {
    expect((await callJson(`${school.url}/health`)).body).toMatchObject({ status: 'healthy', data: {} });
    expect((await callJson(`${school.url}/health/live`)).status).toBe(200);
    expect((await callJson(`${school.url}/health/ready`)).body).toEqual({ status: 'ready' });
  });

  it('keeps its schools in DATA_DIR over a sudden death', async () => {
    await using folder = await temporaryFolder();
    await using first = await startService('school', { DATA_DIR: folder.path });
    const made = await callJson(`${first.url}/schools`, { body: { name: 'Lasting' } });
    await first.process.kill('SIGKILL');
    await using second = await startService('school', { DATA_DIR: folder.path });
    expect((await callJson(`${second.url}/schools/${made.body.id}`)).body).toEqual(made.body);
  });
});

describe('school-service over gRPC', () => {
  const client = () => createClient(SchoolService, createGrpcTransport({ baseUrl: school.grpcUrl ?? '' }));

  it('tells whether a school exists, and its name', async () => {
    const made = await create({ name: 'By gRPC' });
    expect(await client().validateSchool({ id: made.body.id })).toMatchObject({
      exists: true,
      name: 'By gRPC',
    });
    const unknown = await client().validateSchool({ id: '11111111-1111-4111-8111-111111111111' });
    expect(unknown).toMatchObject({ exists: false, name: '' });
  });

  it('answers INVALID_ARGUMENT to what cannot be an id', async () => {
    const error = await client()
      .validateSchool({ id: 'north' })
      .catch((reason: unknown) => reason);
    expect(ConnectError.from(error).code).toBe(Code.InvalidArgument);
  });
});
